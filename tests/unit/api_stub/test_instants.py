"""Times as text: what is taken, what is refused, how they go out."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from api_stub import instants


@pytest.mark.parametrize(
    "text, value",
    [
        ("2026-01-05T18:00", datetime(2026, 1, 5, 18)),
        ("2026-01-05T18:00:30", datetime(2026, 1, 5, 18, 0, 30)),
        ("2026-01-05T18:00:30.75", datetime(2026, 1, 5, 18, 0, 30)),
        ("2026-01-05 18:00", datetime(2026, 1, 5, 18)),
        ("2026-01-05T18:00Z", datetime(2026, 1, 5, 18, tzinfo=UTC)),
        ("2026-01-05t18:00:00z", datetime(2026, 1, 5, 18, tzinfo=UTC)),
        ("2026-01-05T18:00:00+09:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2026-01-05T18:00:00-15:59", datetime(2026, 1, 6, 9, 59, tzinfo=UTC)),
    ],
)
def test_rfc_3339_and_local_times_are_read(text: str, value: datetime) -> None:
    assert instants.parse(text) == value
    assert instants.parse(text).tzinfo == value.tzinfo


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-01-05", "20260105T180000Z", "2026-W02-1T18:00", "2026-01-05T24:00", "2026-02-29T18:00",
        "2026-01-05T18:00:60Z", "2026-01-05T18:00+24:00", "0001-01-01T00:00+01:00", "9999-12-31T23:59Z",
        "٢٠٢٦-01-05T18:00", "2026-01-05T18:00:00Z ", "2026-01-05T18:00:00.Z", "-2026-01-05T18:00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_what_was_got(text: str) -> None:
    with pytest.raises(ValueError, match="got"):
        instants.parse(text)


def test_an_instant_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        instants.parse_instant("2026-01-05T18:00")


def test_instants_go_out_in_utc_with_z() -> None:
    seoul = timezone(timedelta(hours=9))

    assert instants.show(datetime(2026, 1, 5, 18, tzinfo=seoul)) == "2026-01-05T09:00:00Z"
    assert instants.show(datetime(2026, 1, 5, 18, 0, 0, 5, tzinfo=UTC)) == "2026-01-05T18:00:00.000005Z"
    assert instants.show_local(datetime(2026, 1, 5, 18)) == "2026-01-05T18:00:00"


@pytest.mark.parametrize(
    "text, cut", [("2026-01-05T18:00:00.5Z", True), ("2026-01-05T18:00:00.000Z", False), ("2026-01-05T18:00Z", False)]
)
def test_a_fraction_that_is_cut_off_is_noticed(text: str, cut: bool) -> None:
    assert instants.has_fraction(text) is cut


@pytest.mark.parametrize("offset", ["+16:00", "-16:00", "+23:59", "-23:59"])
def test_an_offset_that_no_clock_has_ever_had_is_refused(offset: str) -> None:
    with pytest.raises(ValueError, match=f"got the offset {re.escape(offset)}"):
        instants.parse(f"2026-01-05T18:00:00{offset}")


def test_the_widest_offset_there_was_is_taken() -> None:
    assert instants.parse("2026-01-05T18:00:00-15:56") == datetime(2026, 1, 6, 9, 56, tzinfo=UTC)
