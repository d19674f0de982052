"""An .ics file as components: what is iCalendar, and in which line it stops being so."""

import pytest

from services import calendar_text
from services.calendar_text import BrokenCalendar


def test_components_know_their_lines_and_their_own_values() -> None:
    content = b"BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Asia/Seoul\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

    calendar = calendar_text.read(content)[0]

    assert calendar.value("X-WR-TIMEZONE") == "Asia/Seoul"
    assert [(one.name, one.line, one.value("UID")) for one in calendar.inside] == [("VEVENT", 3, "1")]


def test_a_fold_within_a_character_a_byte_order_mark_and_bare_newlines_are_read() -> None:
    content = "\ufeffBEGIN:VCALENDAR\nX-WR-CALNAME:Caf".encode() + b"\xc3\n \xa9\nEND:VCALENDAR"

    assert calendar_text.read(content)[0].value("X-WR-CALNAME") == "Café"


def test_a_file_may_hold_several_calendars() -> None:
    content = b"BEGIN:VCALENDAR\nEND:VCALENDAR\n" * 2

    assert [one.line for one in calendar_text.read(content)] == [1, 3]


@pytest.mark.parametrize(
    "content, line, reason",
    [
        (b"", 1, "got an empty file, expected BEGIN:VCALENDAR"),
        (b"hello", 1, "got 'hello', expected NAME:VALUE"),
        (b"BEGIN:VEVENT\nEND:VEVENT", 1, "expected BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n", 4, "ends within the VEVENT of line 3"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", 3, "expected END:VEVENT for the one of line 2"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\n b\ngarbage\nEND:VEVENT", 5, "got 'garbage', expected NAME:VALUE"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR", 3, "closes nothing"),
        (b"BEGIN:VCALENDAR\nSUMMARY:\xff\nEND:VCALENDAR", 2, "expected text in UTF-8"),
        (b"BEGIN:VCALENDAR\nSUMMARY:a\0b\nEND:VCALENDAR", 2, "expected NAME:VALUE"),
        (b"BEGIN:VCALENDAR\nBEGIN:VCALENDAR", 2, "expected END:VCALENDAR"),
    ],
)
def test_a_broken_file_is_told_with_its_line(content: bytes, line: int, reason: str) -> None:
    with pytest.raises(BrokenCalendar) as caught:
        calendar_text.read(content)

    assert caught.value.line == line
    assert reason in str(caught.value)
