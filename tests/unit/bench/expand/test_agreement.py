"""Only right answers are measured."""

from argparse import Namespace
from datetime import timedelta

import pytest

from bench.expand import command, engines, never, plans, room, speed
from bench.expand.agreement import Disagreement
from bench.expand.plans import Pattern
from bench.expand.row import Row
from recurrence import Answer, Columns, Occurrence, Verdict

HOURLY = Pattern(rule="FREQ=HOURLY")
CASE = plans.cases(Pattern(rule=plans.DAILY), plans.YOUNG)[0]


def test_engines_agree_where_the_clocks_change() -> None:
    march, october = (plans.cases(HOURLY, plans.YOUNG)[n] for n in (1, 4))

    assert speed.agree(march) == 28 * 24 - 1  # the hour that never was
    assert speed.agree(october) == 28 * 24  # the repeated hour counts once


@pytest.mark.parametrize("wrong", ["one missing", "one late"])
def test_a_wrong_answer_is_red(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = engines.ours

    def engine(asked: engines.Window) -> list[Occurrence]:
        *found, last = right(asked)
        late = Occurrence((last.recurrence_id, last.starts_at, last.ends_at + timedelta(seconds=1)))
        return found if wrong == "one missing" else [*found, late]

    monkeypatch.setattr(engines, "ours", engine)

    with pytest.raises(Disagreement, match=r"FREQ=DAILY from 2025-12-09 07:15:00.*session 28"):
        speed.agree(CASE)


def test_columns_that_differ_from_expand_are_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurrence.columns", lambda *_: Columns([], [], []))

    with pytest.raises(Disagreement, match="columns says no more, expand says 2026-01-05"):
        speed.agree(CASE)


def test_a_wrong_answer_ends_the_bench_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong() -> list[Row]:
        raise Disagreement("daily, session 3", "this engine", "Monday", "dateutil", "Tuesday")

    monkeypatch.setattr(command, "MEASURES", (wrong,))

    assert command.run(Namespace(json=True)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("sessionbeat: daily, session 3: this engine says Monday, dateutil says Tuesday\n")


def test_a_rule_that_fires_is_none_that_never_does() -> None:
    with pytest.raises(Disagreement, match=r"FREQ=DAILY .* session 1: this engine says 2026-11-02 09:00:00"):
        never.row(never.MONDAY, "FREQ=DAILY")


def test_a_rule_that_is_refused_is_none_that_never_fires() -> None:
    with pytest.raises(Disagreement, match="INTERVAL"):
        never.row(never.MONDAY, "FREQ=DAILY;INTERVAL=0")


def test_a_clash_that_is_not_seen_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    new, others = room.one_slot()
    monkeypatch.setattr("recurrence.first_clash", lambda *_: Answer(verdict=Verdict.NEVER))

    with pytest.raises(Disagreement, match=r"the room says 0, the timetable says 1"):
        room.agree("blind", new, others)


def test_nothing_in_the_room_overlaps() -> None:
    starts = []
    for plan in room.timetable():
        rule, zone = room.dateutil_rule(plan)
        starts += rule.between(room.NOW.astimezone(zone), room.LATER.astimezone(zone), inc=True)

    assert len(starts) == len(set(starts))
    assert {start.minute for start in starts} == {0, 30}
