"""A row that somebody holds for long is refused soon, and the API goes on answering everybody else."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import httpx
import psycopg

from tests.integration.api_stub.conftest import Make, checked

MANY = 6  # more than there are processes, fewer than threads of one
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
SOON_S = 3.0
LONGER_THAN_A_ROW_IS_WAITED_FOR_S = 1.4
AT_ONCE_S = 1.0


@contextmanager
def held(url: str, plan_id: str) -> Iterator[None]:
    """Somebody keeps the session of this plan locked."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1 FROM session WHERE series_id = %s FOR UPDATE", [plan_id])
        yield
        connection.rollback()


def test_a_write_to_a_held_session_is_told_soon_to_come_again(
    staff: httpx.Client, plan: Make, module_database_url: str
) -> None:
    id_ = plan()["id"]

    with held(module_database_url, id_):
        began = time.monotonic()
        refused = staff.post(f"/sessions/{id_}/cancel")
        took_s = time.monotonic() - began

    assert checked(refused, 503)["code"] == "unavailable"
    assert "somebody else" in refused.json()["detail"]
    assert refused.headers["Retry-After"]
    assert took_s < SOON_S
    assert checked(staff.post(f"/sessions/{id_}/cancel"), 200)["state"] == "CANCELLED"


def test_an_edit_is_made_when_the_plan_is_let_go_after_more_than_a_second(
    admin: httpx.Client, plan: Make, module_database_url: str
) -> None:
    id_ = plan()["id"]

    with ThreadPoolExecutor(1) as thread, held(module_database_url, id_):
        edit = thread.submit(admin.patch, f"/sessions/{id_}", json={"title": "x"})
        wait([edit], timeout=LONGER_THAN_A_ROW_IS_WAITED_FOR_S)

    assert checked(edit.result(), 200)["title"] == "x"


def test_reads_go_on_while_writes_wait_for_a_held_session(
    staff: httpx.Client, plan: Make, module_database_url: str
) -> None:
    id_ = plan()["id"]

    with held(module_database_url, id_), ThreadPoolExecutor(MANY) as threads:
        waiting = [threads.submit(staff.post, f"/sessions/{id_}/cancel") for _ in range(MANY)]
        with psycopg.connect(module_database_url, autocommit=True) as connection:
            while connection.execute(WAITING).fetchone() == (0,):
                pass
        began = time.monotonic()
        read = staff.get(f"/sessions/{id_}")
        took_s = time.monotonic() - began
        answers = {one.result().status_code for one in waiting}

    assert checked(read, 200)["state"] == "SCHEDULED"
    assert took_s < AT_ONCE_S
    assert answers == {503}
