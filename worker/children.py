"""A worker outlives its children.

When its first connection stands, Celery asks the pool whether its children started; a single one that has ended is
taken for a worker that cannot run, and ends it. But a worker that starts before its broker may wait for it for hours,
and a child that was killed meanwhile (for want of memory, say) is no reason to give up the others: from then on the
pool replaces whatever ended, as at any later time. One that can start no child at all says so in its log again and
again, and what is due is done by the lifeline.

Before each child Celery lets Python look for garbage: 75 ms in which the main process gives no hint on. All that was
there before the first child stays for ever, so it is taken out of that look, once.
"""

import functools
import gc
from typing import Any

from celery.concurrency import prefork
from celery.signals import worker_before_create_process


class Pool(prefork.TaskPool):
    """Celery's pool of processes, which replaces a child that was lost before the first connection too."""

    def did_start_ok(self) -> bool:
        """Always: the pool looks after its children itself, as soon as the worker's loop runs."""
        return True


@worker_before_create_process.connect
def keep_what_is_there(**_: Any) -> None:
    """Take what there is before the first child out of every later look for garbage."""
    freeze_once()


@functools.cache
def freeze_once() -> None:
    """Doing it again would keep garbage too."""
    gc.freeze()
