"""Ports: the wished one where it is free."""

import socket
from collections.abc import Iterator

import pytest

from launcher import port


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((port.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not port.is_free(taken)


def test_the_first_free_wish_is_taken(taken: int) -> None:
    free = port.any_free()

    assert port.prefer(None, taken, free) == free


def test_without_a_free_wish_any_port_is_taken(taken: int) -> None:
    assert port.prefer(taken) != taken
    assert port.is_free(port.prefer())
