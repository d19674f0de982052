"""A plan is edited from a session on: what follows changes, what is touched or over stays."""

from tests.integration.conftest import Studio
from tests.integration.services.plans import Book

NOW = "2026-01-01T00:00"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


def test_a_title_from_a_session_on_changes_what_follows_and_keeps_every_id(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    before = [one.recurrence_id for one in book.sessions(120)]

    book.edit("2026-01-19T18:00", "following", title="New")

    after = book.sessions(120)
    assert [one.recurrence_id for one in after] == before
    assert [one.title for one in after] == ["Pilates"] * 2 + ["New"] * (len(after) - 2)
    assert [one.title for one in book.segments()] == ["Pilates", "New"]
    assert book.plan().version == 2


def test_another_hour_from_a_session_on(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)

    found = book.edit("2026-01-19T18:00", "following", recurringTime="19:00")

    assert book.starts(30) == ["01-05 18:00", "01-12 18:00", "01-19 19:00", "01-26 19:00"]
    assert len(found.moved) == 6
    assert (found.added, found.removed) == ([], [])
