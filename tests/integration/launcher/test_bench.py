"""`sessionbeat bench`: which there are, and what it says without what it needs."""

import json
import sys
from dataclasses import replace

import pytest

from bench import house, stock
from bench.api import weeks
from bench.expand import attacks, command, hostile, memory, never, plans, room, speed
from bench.expand.plans import Pattern
from bench.expand.row import Row
from launcher import cli

DAILY = Pattern(rule=plans.DAILY)
READING = (plans.cases(DAILY, plans.YOUNG)[0].text, *plans.cases(DAILY, plans.YOUNG)[0].instants)


def little() -> list[Row]:
    """A row of every measure, from one case and one sample."""
    cases = plans.cases(DAILY, plans.YOUNG)[:1]
    windows = [speed.row(measure, DAILY, cases, repeats=1) for measure in ("short", "old", "mixed", "far")]
    plain = [speed.iteration(DAILY, 20, repeats=1), speed.aged(DAILY, repeats=1), never.row(*never.RULES[0], repeats=1)]
    new, others = room.one_slot()
    met = room.row("clash", new.rule, new, others, repeats=1)
    rooms = [replace(met, measure=measure) for measure in ("clash", "two zones", "one slot")]
    return [*windows, *plain, *rooms, hostile.row(next(iter(attacks.long_texts())), repeats=1), *memory.lazy()]


def test_a_bench_measures_and_answers_in_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "MEASURES", (little,))
    monkeypatch.setattr(memory, "READINGS", {"a week": READING})

    assert cli.main(["bench", "expand", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["short_vs_dateutil"] > 0
    assert [row["measure"] for row in told["rows"]][:4] == ["short", "old", "mixed", "far"]


def test_the_benches_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["bench", "--help"])

    told = capsys.readouterr().out
    assert all(f"\n  {name} " in told for name in ("expand", "herd", "api", "people", "idle", "growth", "soak"))


@pytest.mark.parametrize("words", [["bench"], ["bench", "nothing"], ["bench", "expand", "--fast"]])
def test_a_wrong_request_is_one_line_and_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)

    told = capsys.readouterr().err
    assert "error: " in told
    assert told.count("\n") == 1


def test_without_the_development_dependencies_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("bench.expand")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "recurring_ical_events", None)

    assert cli.main(["bench", "expand"]) == 1

    told = capsys.readouterr().err
    assert told == (
        "sessionbeat: recurring_ical_events is not installed; a bench needs the development dependencies:"
        " pip install 'sessionbeat[dev]'\n"
    )


def test_the_materializer_is_measured_beside_copy_on_a_server_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["bench", "materialize", "--series", "140", "--repeats", "1", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["materialize_vs_copy"] > 0
    assert told["series"] == 140
    assert 0 < told["bookings"] < told["sessions"]
    assert len(told["seconds"]["ours"]) == len(told["seconds"]["copy"]) == 1


def test_sessions_are_stored_again_with_the_past_they_had() -> None:
    with house.standing() as where, where.sql() as sql:
        for _ in range(2):
            stock.fill(sql, plans=4, ahead=2, due=[], behind=3)

        assert sql.execute("SELECT count(*) FROM session").fetchone() == (4 * (2 + 3),)
        assert sql.execute("SELECT count(*) FROM transition").fetchone() == (4 * 3 * 2,)


@pytest.mark.slow
def test_the_api_is_measured_beside_two_other_handlers_that_answer_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weeks, "TURNS", 1)
    monkeypatch.setattr(weeks, "TURN_S", 0.5)

    assert cli.main(["bench", "api", "--rows", "20000", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert min(told["week_vs_raw"], told["week_vs_orm"], told["deep_page_ratio"], told["post_p50_ms"]) > 0
    assert (told["race_created"], told["race_conflict"]) == (20, 180), told["reasons"]
    assert told["split_p50_ms"] is not None or "split_p50_ms" in told["reasons"]
