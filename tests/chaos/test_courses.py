"""The second opinion on edited series: what a split or another rule gives, and that what is lost or made up is seen."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.chaos import course, courses
from tests.chaos.course import Course
from tests.chaos.journal import Told
from tests.chaos.plans import REWORKED
from tests.chaos.stored import Plan, Session, World

SERIES = UUID(int=1)
NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = NINE + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def wall(second: float) -> datetime:
    """So many seconds after nine, local."""
    return (NINE + second * SECOND).replace(tzinfo=None)


def seconds(given: Course) -> list[int]:
    """When the sessions start, in seconds after nine."""
    return [int((one - wall(0)) / SECOND) for one in given.given()]


def told(verb: str, sent: float, status: int | None = 200, made_at: float | None = None, **more: Any) -> Told:
    """A line of the journal; times in seconds after nine."""
    answered = None if status is None else (NINE + (sent + 0.2) * SECOND).timestamp()
    body = {} if made_at is None else {"updatedAt": (NINE + made_at * SECOND).isoformat()}
    line = {"verb": verb, "plan": REWORKED, "local": None, "at": sent, "sent": (NINE + sent * SECOND).timestamp(),
            "status": status, "answered": answered, "body": body}  # fmt: skip
    return {**line, **more}


def created(**more: Any) -> Told:
    """The plan: six sessions of a second each, every other second from ten seconds past nine."""
    return told("create", -0.1, 201, first=wall(10).isoformat(), rule="FREQ=SECONDLY;INTERVAL=2;COUNT=6", lasts=1,
                room=None, **more)  # fmt: skip


def split(named: int, to: int, sent: float = 9.0, made_at: float | None = 9.1, **more: Any) -> Told:
    """This and following at another time."""
    return told("split", sent, made_at=made_at, **{
        "local": wall(named).isoformat(), "to": wall(to).isoformat(), "title": "later", **more})  # fmt: skip


def rerule(step: int, total: int | None = None, sent: float = 9.0, made_at: float | None = 9.1, **more: Any) -> Told:
    """Another rule for all."""
    return told("rerule", sent, made_at=made_at, step=step, total=total, lasts=1, title="other", **more)


NONE: frozenset[datetime] = frozenset()


@pytest.mark.parametrize(
    ("edit", "at", "touched", "given"),
    [
        (split(14, 15), 9.1, (), [10, 12, 15, 17, 19, 21]),
        (split(10, 11), 9.1, (), [11, 13, 15, 17, 19, 21]),
        (split(14, 15), 9.1, (16,), [10, 12, 15, 19, 21]),  # what would stand for a touched session is left out
        (split(14, 16), 9.1, (16,), [10, 12, 18, 20, 22]),  # the same start stands for itself
        (split(10, 11), 12.0, (), None),  # its new start has passed
        (split(10, 14), 12.0, (), [10, 12, 14, 16, 18, 20]),
        (split(11, 12), 9.1, (), None),  # there is no such session
        (rerule(3), 9.1, (), [10, 13, 16, 19, 22, 25]),
        (rerule(3), 14.0, (), [10, 12, 14, 16, 19, 22]),
        (rerule(3, total=4), 14.0, (), [10, 12, 14, 16]),
        (rerule(3, total=3), 14.0, (), None),
        (rerule(3), 20.0, (), None),  # nothing lies ahead
    ],
)
def test_an_edit_gives_what_the_page_on_editing_says(
    edit: Told, at: float, touched: tuple[int, ...], given: list[int] | None
) -> None:
    after = course.after(course.begun(created()), edit, wall(at), frozenset(map(wall, touched)))

    assert (None if after is None else seconds(after)) == given


def test_another_rule_takes_the_place_of_all_that_was_planned_later() -> None:
    first = course.after(course.begun(created()), split(16, 17), wall(9), NONE)
    assert first is not None

    second = course.after(first, rerule(3), wall(12), NONE)

    assert second is not None
    assert seconds(second) == [10, 12, 14, 17, 20, 23]


def test_a_stretch_that_is_passed_and_of_which_nothing_is_left_counts_no_more() -> None:
    touched = frozenset(map(wall, (14, 16)))
    first = course.after(course.begun(created()), split(12, 14), wall(12.5), touched)
    assert first is not None
    passed = course.after(first, split(12, 13), wall(12.6), touched)
    assert passed is not None
    assert seconds(passed) == [10, 12, 13, 15]

    after = course.after(passed, rerule(3, total=5), wall(12.7), touched)

    assert after is not None
    assert seconds(after) == [10, 12, 13, 19]  # what would stand for 16 is left out


def world(*starts: int, version: int = 2, updated_at: float = 9.1, **changed: Any) -> World:
    """What is stored: the sessions that start then, of the plan's own title but for `changed`."""
    rows = [
        Session(SERIES, wall(one), NINE + one * SECOND, NINE + (one + 1) * SECOND, "SCHEDULED", True, None, None, None,
                changed.get(f"title{one}", f"chaos-{REWORKED}"))
        for one in starts
    ]  # fmt: skip
    plan = Plan(SERIES, REWORKED, NINE, None, NINE, NOW, None, version, NINE + updated_at * SECOND, ())
    return World(NOW, [plan], {SERIES: rows}, {}, {}, {})


LATER: dict[str, Any] = {f"title{one}": "later" for one in (14, 15, 17, 19, 21)}
SPLIT = world(10, 12, 15, 17, 19, 21, **LATER)
AS_MADE = world(10, 12, 14, 16, 18, 20, version=1)


def faults(stored: World, *journal: Told) -> str:
    """What is found, in one text."""
    return "\n".join(courses.judge([created(), *journal], stored))


def test_a_split_is_there_as_it_was_answered() -> None:
    assert faults(SPLIT, split(14, 15)) == ""


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        (world(10, 12, 15, 17, 19, **LATER), "09:00:21 is not there"),
        (world(10, 12, 14, 15, 17, 19, 21, **LATER), "09:00:14 is there, and no rule gives it"),
        (world(10, 12, 15, 17, 19, 21, **(LATER | {"title17": f"chaos-{REWORKED}"})), "09:00:17 is 'chaos-"),
        (AS_MADE, "its version is 1, and 1 edits were made"),
        (world(10, 12, 15, 17, 19, 21, version=3, **LATER), "its version is 3, and 1 edits were made"),
    ],
)
def test_what_a_split_loses_leaves_or_makes_up_is_seen(stored: World, found: str) -> None:
    assert found in faults(stored, split(14, 15))


@pytest.mark.parametrize(
    ("stored", "found"), [(SPLIT, ""), (AS_MADE, ""), (world(10, 12, 14, 16, 18, **LATER), "not there")]
)
def test_a_split_without_an_answer_is_there_whole_or_not_at_all(stored: World, found: str) -> None:
    judged = faults(stored, split(14, 15, made_at=None, status=None))

    assert found in judged
    assert bool(found) == bool(judged)


def test_an_edit_that_nobody_asked_for_is_seen() -> None:
    assert "was edited at" in faults(SPLIT)


def test_a_split_that_was_possible_is_not_refused() -> None:
    assert "was possible" in faults(AS_MADE, split(14, 15, made_at=None, status=409))
    assert faults(AS_MADE, split(14, 15, made_at=None, status=409, sent=14.9)) == ""
    assert faults(AS_MADE, split(11, 12, made_at=None, status=404)) == ""


def test_a_split_is_refused_where_a_stretch_begins_of_which_only_left_out_starts_remain() -> None:
    first, again = split(12, 14, sent=12.5, made_at=12.6), split(12, 14, sent=12.5, made_at=None, status=409)
    gone = told("remove", 9.0, 200, made_at=0.0, local=wall(14).isoformat())
    later: dict[str, Any] = {f"title{one}": "later" for one in (16, 18, 20)}
    stored = removed(world(10, 12, 14, 16, 18, 20, updated_at=12.6, **later), 14)
    unanswered = split(12, 14, sent=12.5, made_at=None, status=None)

    assert faults(stored, gone, first, again) == ""
    assert faults(stored, gone, unanswered, again) == ""
    assert "was possible" in faults(removed(AS_MADE, 14), gone, again)
    assert "was possible" in faults(removed(AS_MADE, 14), gone, unanswered, again)
    assert "was possible" in faults(stored, gone, first, split(12, 15, sent=12.5, made_at=None, status=409))


def removed(stored: World, second: int) -> World:
    """The same, the session that starts then removed at nine."""
    rows = [row._replace(removed_at=NINE) if row.local == wall(second) else row for row in stored.sessions[SERIES]]
    return stored._replace(sessions={SERIES: rows})


def test_a_moved_session_starts_where_it_was_moved_to() -> None:
    move = told("move", 9.0, local=wall(14).isoformat(), to=wall(15).isoformat())
    stored = AS_MADE
    row = stored.sessions[SERIES][2]
    moved = [*stored.sessions[SERIES][:2], row._replace(starts_at=row.starts_at + SECOND, ends_at=row.ends_at + SECOND),
             *stored.sessions[SERIES][3:]]  # fmt: skip

    assert "starts at 2026-01-05 09:00:14+00:00, expected" in faults(stored, move)
    assert faults(stored._replace(sessions={SERIES: moved}), move) == ""
    assert "starts at" in faults(stored._replace(sessions={SERIES: moved}))


def test_a_session_is_not_moved_when_it_has_begun() -> None:
    move = told("move", 14.5, local=wall(14).isoformat(), to=wall(15).isoformat())

    assert "when it had begun" in faults(AS_MADE, move)


def test_a_session_that_has_begun_may_be_told_to_start_where_it_did() -> None:
    """What is so already is no change, and is not refused."""
    move = told("move", 9.0, local=wall(14).isoformat(), to=wall(15).isoformat())
    again = told("move", 15.5, local=wall(14).isoformat(), to=wall(15).isoformat())
    late = told("move", 15.5, local=wall(14).isoformat(), to=wall(16).isoformat())

    assert "when it had begun" not in faults(AS_MADE, move, again)
    assert "when it had begun" in faults(AS_MADE, move, late)


def test_a_session_that_an_edit_took_away_is_refused_and_never_acknowledged() -> None:
    gone: dict[str, Any] = {"local": wall(14).isoformat()}

    assert faults(SPLIT, split(14, 15), told("cancel", 9.5, 308, **gone)) == ""
    assert "was acknowledged, and it was not there" in faults(SPLIT, split(14, 15), told("cancel", 9.5, 200, **gone))
    assert "and it was there" in faults(AS_MADE, told("cancel", 9.5, 308, **gone))
