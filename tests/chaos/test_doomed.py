"""Patterns mean the fault points that they say."""

import pytest

from tests.chaos import doomed


@pytest.mark.parametrize(
    ("patterns", "point", "meant"),
    [
        ("*", "bulk:before:insert-session", True),
        ("", "bulk:before:insert-session", False),
        ("*:after:commit:*", "bulk:before:commit:insert-session", False),
        ("beat1:*,bulk:*", "bulk:after:insert-session", True),
        ("*,!*heartbeat*", "bulk:after:insert-heartbeat", False),
        ("*,!*heartbeat*", "bulk:after:insert-session", True),
    ],
)
def test_patterns_mean_what_they_say(patterns: str, point: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doomed, "PATTERNS", patterns.split(","))

    assert doomed.is_meant(point) == meant
