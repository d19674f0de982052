"""A cursor comes back as it went out, and nothing else is taken for one."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api_stub import cursor, filters
from api_stub.cursor import Cursor
from api_stub.errors import Invalid
from api_stub.filters import ListQuery
from services.filters import Position

NOW = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)
GIVEN = Cursor(now=NOW, position=("2026-01-05T09:00:00+00:00", "b"))
TENANT = UUID("0198c0de-0000-7000-8000-000000000001")
OTHER = UUID("0198c0de-0000-7000-8000-000000000002")


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_cursor_comes_back_with_its_now_and_its_position() -> None:
    text = cursor.write(GIVEN, "question")

    assert cursor.read(text, "question", 2) == GIVEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "é",
        "a",
        "x" * 513,
        encoded([NOW.isoformat(), "question", "a"]),
        encoded([NOW.isoformat(), "another", "a", "b"]),
        encoded(["2026-01-05T09:00:00", "question", "a", "b"]),
        encoded(["never", "question", "a", "b"]),
        encoded(["9999-12-31T23:59:59+00:00", "question", "a", "b"]),
        encoded(["0001-01-01T00:00:00+00:00", "question", "a", "b"]),
        encoded(["9998-12-31T23:59:59-14:00", "question", "a", "b"]),
        encoded([1, "question", "a", "b"]),
        encoded({"now": 1}),
        encoded("[" * 300),
    ],
)
def test_a_cursor_that_was_made_up_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        cursor.read(text, "question", 2)

    assert [fault.pointer for fault in caught.value.faults] == ["/cursor"]


@pytest.mark.parametrize("text", ["tomorrow", "2026-01-05T09:00:00", "9999-12-31T00:00:00+00:00"])
def test_a_position_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        cursor.position_time(text, aware=True)


def test_a_question_of_another_tenant_or_with_other_filters_is_another_question() -> None:
    mine = cursor.bind(TENANT, ("scheduledAt", None))

    assert mine == cursor.bind(TENANT, ("scheduledAt", None))
    assert mine != cursor.bind(OTHER, ("scheduledAt", None))
    assert mine != cursor.bind(TENANT, ("-scheduledAt", None))


@pytest.mark.parametrize("start", [datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_a_window_without_an_end_stays_in_the_calendar(start: datetime) -> None:
    wanted = filters.of_query(ListQuery(), start, timedelta(days=366))

    assert start < wanted.to <= datetime(9999, 1, 1, tzinfo=UTC)


def test_every_page_of_a_list_is_asked_with_the_now_of_its_first() -> None:
    query = ListQuery()
    first = filters.question_of(TENANT, query)
    text = first.next(Position(NOW, OTHER, datetime(2026, 1, 5, 18)), NOW)
    later = NOW + timedelta(minutes=5)

    second = filters.question_of(TENANT, query.model_copy(update={"cursor": text}))

    assert (first.now(NOW), second.now(later)) == (NOW, NOW)
    assert second.page().after == Position(NOW, OTHER, datetime(2026, 1, 5, 18))
    assert second.next(second.page().after, later) == text
