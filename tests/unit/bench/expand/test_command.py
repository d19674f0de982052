"""What `bench expand` prints, from rows that cost nothing to make."""

import json
from argparse import Namespace

import pytest

from bench.expand import attacks, caches, command, hostile, memory
from bench.expand.attacks import Attack
from bench.expand.figures import figures_of
from bench.expand.row import Row
from recurrence import Series

KEYS = (
    *("short_vs_dateutil", "old_vs_dateutil", "far_vs_dateutil", "iterate_vs_dateutil", "bulk_short", "bulk_old"),
    *("mixed_vs_dateutil", "bulk_mixed", "mixed_vs_rie"),
    *("bulk_far", "age_ratio", "never_ms", "clash_1000_ms", "short_vs_rie", "old_vs_rie"),
)
ENGINES = {
    "short": ("dateutil", "ours", "bulk", "rie"),
    "old": ("dateutil", "ours", "bulk", "rie"),
    "mixed": ("dateutil", "ours", "bulk", "rie"),
    "far": ("dateutil", "ours", "bulk", "rie"),
    "iterate": ("dateutil", "ours"),
    "age": ("weeks", "years"),
    "never": ("ours",),
    "clash": ("dateutil", "ours", "warm"),
    "two zones": ("dateutil", "ours", "warm"),
    "one slot": ("dateutil", "ours", "warm"),
    "hostile": ("ours",),
    "lazy": (),
}


def rows() -> list[Row]:
    """Two rules a measure: the first engine takes 8 s and 2 s, every other one 1 s."""
    return [
        Row(
            measure=measure,
            rule=rule,
            seconds={name: first if name == engines[0] else 1.0 for name in engines},
            megabytes={"peak": first} if measure in ("hostile", "lazy") else {},
        )
        for measure, engines in ENGINES.items()
        for rule, first in (("slow", 8.0), ("quick", 2.0))
    ]


def test_every_promised_key_is_in_the_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "MEASURES", (rows,))

    assert command.run(Namespace(json=True)) == 0

    told = json.loads(capsys.readouterr().out)
    assert all({key, f"{key}_median", f"{key}_min"} <= set(told) for key in KEYS)
    assert len(told["rows"]) == len(rows())
    assert set(told["calls"]) >= {"ours", "bulk", "dateutil", "rie"}
    assert told["machine"]["python-dateutil"].startswith("2.9")
    assert told["remembered"] == []


def test_every_rule_counts_the_same() -> None:
    figures = {figure.key: figure for figure in figures_of(rows())}

    short = figures["short_vs_dateutil"]
    assert short.value == pytest.approx(4)
    assert short.parts == {
        "short_vs_dateutil_total": 5,
        "short_vs_dateutil_equal": pytest.approx(4),  # the geometric mean of 8 and 2
        "short_vs_dateutil_median": 5,
        "short_vs_dateutil_min": 2,
        "short_vs_dateutil_max": 8,
    }


def test_of_what_must_never_be_slow_the_slowest_counts() -> None:
    figures = {figure.key: figure for figure in figures_of(rows())}

    assert figures["never_ms"].value == 8_000
    assert figures["never_ms"].words.endswith("slowest: slow")
    assert figures["hostile_mb"].value == 8


def test_the_tables_name_targets_peers_and_calls(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "MEASURES", (rows,))

    assert command.run(Namespace(json=False)) == 0

    told = capsys.readouterr().out
    assert all(f"\n{key} " in told for key in KEYS)
    assert "dateutil: rrulestr(" in told
    assert "kept from plan to plan: nothing" in told


def test_a_cache_that_fills_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Series] = []
    monkeypatch.setattr("recurrence.series.kept", kept, raising=False)
    monkeypatch.setattr("recurrence.columns", lambda series, *_: kept.append(series))

    assert caches.remembered() == ["recurrence.series.kept"]


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(_: Attack) -> int:
        while True:
            pass

    monkeypatch.setattr(hostile, "answer", hang)
    monkeypatch.setattr(hostile, "PATIENCE", 0.01)

    row = hostile.row(Attack(name="endless", text=""))

    assert row.seconds == {"ours": 0.01}


def test_the_peak_is_what_a_call_holds_at_once() -> None:
    assert memory.peak(lambda size: len(bytes(size)), 3_000_000) == pytest.approx(3, rel=0.01)
    assert memory.peak(lambda size: sum(len(bytes(size)) for _ in range(9)), 1_000_000) < 2.1


def test_all_attacks_have_names_of_their_own() -> None:
    names = [attack.name for attack in attacks.attacks()]

    assert len(names) == len(set(names)) > 40
