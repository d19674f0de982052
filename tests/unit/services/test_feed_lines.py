"""Lines of a calendar come back as they went."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services import calendar_text, feed_lines


@pytest.mark.parametrize("value", ["", "x" * 74, "x" * 75, "x" * 76, "ü" * 200, "日本語" * 60, "a日" * 300])
def test_a_long_line_is_folded_at_75_octets_and_never_within_a_character(value: str) -> None:
    pieces = list(feed_lines.folded([f"SUMMARY:{value}"]))

    assert all(piece.endswith("\r\n") and len(piece.encode()) <= 77 for piece in pieces)
    calendar = f"BEGIN:VCALENDAR\r\n{''.join(pieces)}END:VCALENDAR\r\n"
    [read] = calendar_text.read(calendar.encode())
    assert read.value("SUMMARY") == value


@pytest.mark.parametrize(
    "value, told",
    [
        ("a, b; c\\d", "a\\, b\\; c\\\\d"),
        ("one\ntwo\r\nthree\rfour", "one\\ntwo\\nthree\\nfour"),
        ("bell\x07, tab\t, nul\x00", "bell\\, tab\t\\, nul"),
        ("END:VEVENT", "END:VEVENT"),
    ],
)
def test_signs_with_a_meaning_are_escaped_and_controls_left_out(value: str, told: str) -> None:
    assert feed_lines.text(value) == told


def test_times_are_told_in_utc_or_on_the_wall() -> None:
    seoul = timezone(timedelta(hours=9))

    assert feed_lines.instant(datetime(2026, 1, 5, 18, 0, 0, 999, seoul)) == "20260105T090000Z"
    assert feed_lines.instant(datetime(1, 1, 1, tzinfo=UTC)) == "00010101T000000Z"
    assert feed_lines.wall(datetime(2, 3, 4, 5, 6, 7)) == "00020304T050607"
    assert (feed_lines.tzid("UTC"), feed_lines.tzid("Asia/Seoul")) == ("Etc/UTC", "Asia/Seoul")
