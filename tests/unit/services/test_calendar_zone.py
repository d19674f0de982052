"""What a TZID means, and where times without one are."""

import pytest

import recurrence
from services import calendar_text, calendar_zone
from services.calendar_zone import CalendarZones

ZONES = CalendarZones(tenant="Asia/Seoul", places={"Mitte": "Europe/Berlin", "Custom": "Nowhere/Else"})


@pytest.mark.parametrize(
    "tzid, name",
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/citadel.org/20250101_1/America/New_York", "America/New_York"),
        ("/vendor/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Mitte", "Europe/Berlin"),
    ],
)
def test_a_tzid_is_an_iana_name_a_windows_name_a_path_or_what_its_timezone_says(tzid: str, name: str) -> None:
    assert ZONES.of(tzid) == name


@pytest.mark.parametrize("tzid", ["Custom", "Unknown", "", "Europe/Nowhere", "../../etc/passwd"])
def test_a_tzid_that_means_nothing_is_refused(tzid: str) -> None:
    with pytest.raises(recurrence.ZoneError, match="TZID: got"):
        ZONES.of(tzid)


def test_times_without_a_zone_are_in_the_calendars_zone_else_in_the_tenants() -> None:
    text = b"BEGIN:VCALENDAR\n%sEND:VCALENDAR"
    declared = calendar_text.read(text % b"X-WR-TIMEZONE:Europe/Berlin\n")[0]
    silent = calendar_text.read(text % b"")[0]

    assert calendar_zone.of_calendar(declared, "Asia/Seoul").floating == "Europe/Berlin"
    assert calendar_zone.of_calendar(silent, "Asia/Seoul").floating == "Asia/Seoul"


def test_utc_is_shown_in_a_declared_zone_only_where_that_is_known() -> None:
    assert CalendarZones(tenant="Asia/Seoul", declared="Europe/Berlin").utc == "Europe/Berlin"
    assert CalendarZones(tenant="Asia/Seoul", declared="Custom").utc == "UTC"
    assert CalendarZones(tenant="Asia/Seoul").utc == "UTC"
