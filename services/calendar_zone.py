"""The zones of one calendar: what its TZIDs mean, and where times without a zone are (RFC 5545 3.2.19, 3.6.5).

A TZID is taken, in this order, as an IANA name; as a Windows name, by the list that the library icalendar keeps; as
a path that ends in an IANA name (/vendor/date/Europe/Berlin); as whatever its VTIMEZONE gives for X-LIC-LOCATION.
The rules that a VTIMEZONE spells out are not read: tzdata knows better, and sessions of years to come follow the
IANA zone. A TZID that means none of these is refused, with all that needs it.

Floating times and dates are in the calendar's X-WR-TIMEZONE, else in the tenant's zone. A calendar that declares
its zone writes UTC where it means its own clock (Google does for single entries), so UTC times are shown and
repeated there too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

import recurrence
from services.calendar_text import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarZones:
    """`tenant`: an IANA name. `declared`: X-WR-TIMEZONE as written. `places`: X-LIC-LOCATION by TZID."""

    tenant: str
    declared: str | None = None
    places: dict[str, str] = field(default_factory=dict)

    @property
    def floating(self) -> str:
        """The zone of times and dates that name none. Raises ZoneError when the declared one is unknown."""
        return self.tenant if self.declared is None else self.of(self.declared)

    @property
    def utc(self) -> str:
        """The zone in which UTC times are shown: the declared one, where that is known."""
        if self.declared is None:
            return "UTC"
        return next(filter(known, self.candidates(self.declared)), "UTC")

    def of(self, tzid: str) -> str:
        """The IANA name of a TZID. Raises ZoneError."""
        found = next(filter(known, self.candidates(tzid)), None)
        if found is None:
            raise recurrence.ZoneError("TZID", tzid, "an IANA or Windows name, or X-LIC-LOCATION in its VTIMEZONE")
        return found

    def candidates(self, tzid: str) -> Iterator[str]:
        """What a TZID may mean, the likeliest first."""
        bare = tzid.strip().strip("/")
        yield bare
        yield WINDOWS_TO_OLSON.get(bare, "")
        parts = bare.split("/")
        yield from ("/".join(parts[first:]) for first in range(1, len(parts) - 1))
        yield self.places.get(tzid, "")


def known(name: str) -> bool:
    """Whether tzdata has a zone of this name."""
    try:
        recurrence.check_zone(name)
    except recurrence.ZoneError:
        return False
    return True


def of_calendar(calendar: Component, tenant: str) -> CalendarZones:
    """The zones of a VCALENDAR for a tenant in that zone."""
    places = {}
    for component in calendar.inside:
        tzid, place = component.value("TZID"), component.value("X-LIC-LOCATION")
        if component.name == "VTIMEZONE" and tzid and place:
            places[tzid] = place
    return CalendarZones(tenant=tenant, declared=calendar.value("X-WR-TIMEZONE") or None, places=places)
