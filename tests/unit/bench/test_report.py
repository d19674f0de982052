"""How a bench tells what it found."""

import json

from bench import report
from bench.report import Figure

SPEED = Figure(key="short", value=7.12345, words="young", least=5, aim=9, parts={"short_min": 2.5})
COST = Figure(key="never_ms", value=12.0, words="never", unit=" ms", least=10, aim=2, ceiling=True)


def test_json_has_every_figure_by_its_key_with_its_parts() -> None:
    told = json.loads(report.as_json("expand", [SPEED, COST], rows=[1]))

    assert told == {"bench": "expand", "short": 7.123, "short_min": 2.5, "never_ms": 12.0, "rows": [1]}


def test_a_figure_stands_beside_what_it_ought_to_be() -> None:
    lines = report.as_table([SPEED, COST]).splitlines()

    assert [line.split() for line in lines] == [
        ["measure", "found", "at", "least", "aim", "what", "it", "is"],
        ["short", "7.12x", "5x", "9x", "young"],
        ["never_ms", "12", "ms!", "≤", "10", "ms", "≤", "2", "ms", "never"],
    ]
    assert len({line.rindex(last) for line, last in zip(lines, ("what", "young", "never"), strict=True)}) == 1


def test_what_misses_its_least_is_marked() -> None:
    assert report.mark(SPEED) == " "
    assert report.mark(Figure(key="short", value=4.9, words="", least=5)) == "!"
    assert report.mark(COST) == "!"
    assert report.mark(Figure(key="short_vs_rie", value=0.1, words="")) == " "
