"""What a worker does about its children."""

import gc
from collections.abc import Iterator

import pytest
from celery.signals import worker_before_create_process

from worker import children


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """Nothing frozen before, nothing after."""
    gc.unfreeze()
    children.freeze_once.cache_clear()
    yield
    gc.unfreeze()
    children.freeze_once.cache_clear()


def test_what_was_there_before_the_first_child_is_left_out_of_every_look_for_garbage() -> None:
    worker_before_create_process.send(sender=None)
    frozen = gc.get_freeze_count()
    worker_before_create_process.send(sender=None)

    assert frozen > 10_000
    assert gc.get_freeze_count() <= frozen  # what came later can be garbage
