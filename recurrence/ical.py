"""A series as iCalendar lines (RFC 5545 3.1): DTSTART, DTEND or DURATION, RRULE, RDATE, EXDATE, in any order.

Lines may be folded, end in CRLF or LF, and carry a TZID, or VALUE=DATE or PERIOD. DTEND gives an exact duration,
whole days for dates; without an end a date lasts one day, a time no time at all (RFC 5545 3.6.1), which no line says.
An RDATE or EXDATE in another zone than DTSTART's becomes an instant. The zone of an all-day series has no place in
DTSTART; it stands in X-WR-TIMEZONE. Other lines are refused: what else an entry holds is the importer's affair.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from recurrence import zone
from recurrence.duration import Duration
from recurrence.errors import RecurrenceError
from recurrence.moment import Moment, Period, check_number, format_moment, parse_moment, parse_time
from recurrence.rule import Rule
from recurrence.zone import Fold, Gap

if TYPE_CHECKING:
    from recurrence.series import Series

MAX_TEXT: Final = 300_000  # characters; as many RDATEs and EXDATEs as there may be need fewer
MAX_ZONES: Final = 8  # to read one takes a millisecond or two
FOLD_MARK: Final = re.compile(r"\r?\n[ \t]")
BLANKS: Final = re.compile(r"[ \t]*([:\n])[ \t]*")
SAME_FORM: Final = re.compile(r"\d{8}T\d{6}(Z?)(?:,\d{8}T\d{6}\1)*", re.ASCII)  # local times, or instants, as most are
KINDS: Final = {"DATE": date, "DATE-TIME": datetime, "PERIOD": Period}  # a datetime is a date too
LISTS: Final = {"RDATE": "rdates", "EXDATE": "exdates"}
NO_TIME: Final = Duration()
ONE_DAY: Final = Duration(days=1)
ONCE: Final = frozenset(("DTSTART", "DTEND", "DURATION", "RRULE", "X-WR-TIMEZONE"))

Line = tuple[str, str]  # the parameters as they stand, and the text behind the colon


def read(text: str, gap: Gap, fold: Fold) -> dict[str, Any]:
    """The fields of a Series. Raises RecurrenceError, naming the line that is wrong."""
    if len(text) > MAX_TEXT:
        raise RecurrenceError("text", f"{len(text)} characters", f"at most {MAX_TEXT}")
    lines, lists = read_lines(text)
    if "DTSTART" not in lines:
        raise RecurrenceError("DTSTART", "none", "a line DTSTART")
    start, name = read_start(lines["DTSTART"])
    fields: dict[str, Any] = {"dtstart": start, "gap": gap, "fold": fold}
    if not isinstance(start, datetime):
        if "X-WR-TIMEZONE" in lines:
            name = lines["X-WR-TIMEZONE"][1]
        fields.update(dtstart=midnight(start), all_day=True)
    fields["time_zone"] = name
    fields["duration"] = read_length(lines, start, name, fold)
    if "RRULE" in lines:
        fields["rule"] = Rule.parse(lines["RRULE"][1])
    if not lists:
        return fields
    zones: set[str] = set()  # `set[str]()` would take a fiftieth of a short text's time
    number = 0
    for part, rows in lists.items():
        moments: list[Moment] = []
        for line in rows:
            found = read_moments(part, line, name, fold, zones)
            number += len(found)
            check_number(part, number)
            moments += found
        fields[LISTS[part]] = tuple(moments)
    return fields


def read_lines(text: str) -> tuple[dict[str, Line], dict[str, list[Line]]]:
    """The lines by name: those that come once, and those that may come more than once.

    Raises RecurrenceError for one that is unknown, malformed, or there twice.
    """
    if " " in text or "\t" in text:
        text = BLANKS.sub(r"\1", FOLD_MARK.sub("", text)).strip()
    found: dict[str, Line] = {}
    lists: dict[str, list[Line]] = {}
    for row in text.splitlines():
        head, _, value = row.partition(":")
        name, parameters = head, ""
        if head not in ONCE:
            name, _, parameters = head.partition(";")
            if name not in ONCE:
                name = name.upper()
        if value and name in ONCE:
            if name in found:
                raise RecurrenceError(name, "it twice", "one such line")
            found[name] = parameters, value
        elif name in LISTS:
            lists.setdefault(name, []).append((parameters, value))
        elif row:
            raise RecurrenceError(name or "line", row, "a line DTSTART, DTEND, DURATION, RRULE, RDATE or EXDATE")
    return found, lists


def read_parameters(part: str, parameters: str) -> tuple[str | None, str]:
    """The zone and the VALUE that a line's parameters say; others mean nothing here. Raises RecurrenceError."""
    if parameters[:5] == "TZID=" and ";" not in parameters:
        return parameters[5:].strip('"'), ""
    zone_name, kind = None, ""
    for parameter in parameters.split(";"):
        key, _, said = parameter.partition("=")
        key = key.upper()
        if key == "TZID":
            if zone_name is not None:
                raise RecurrenceError(part, f"TZID={zone_name} and TZID={said}", "one zone for a line")
            zone_name = said.strip('"')
        elif key == "VALUE":
            kind = said.upper()
            if kind not in KINDS:
                raise RecurrenceError(part, f"VALUE={said}", "VALUE=DATE, DATE-TIME or PERIOD")
    return zone_name, kind


def read_start(line: Line) -> tuple[datetime | date, str | None]:
    """DTSTART's wall time or date, and the zone it names."""
    found, said = one_time("DTSTART", line)
    if not isinstance(found, datetime):
        return found, None
    if found.tzinfo is None:
        return found, said
    if said not in (None, "UTC"):
        return zone.wall_time(found, str(said)), said
    return found.replace(tzinfo=None), "UTC"


def one_time(part: str, line: Line) -> tuple[datetime | date, str | None]:
    """The value of a line that holds one time or date, and the zone it names. Raises RecurrenceError."""
    parameters, text = line
    said, kind = read_parameters(part, parameters) if parameters else (None, "")
    found = parse_time(text, part)
    if kind:
        check_kind(part, kind, (found,))
    return found, said


def read_length(lines: dict[str, Line], start: datetime | date, name: str | None, fold: Fold) -> Duration:
    """DURATION as it stands, DTEND as what lies between (RFC 5545 3.8.5.3), or what a missing end means."""
    if "DURATION" in lines:
        if "DTEND" in lines:
            raise RecurrenceError("DTEND", "DTEND and DURATION together", "one of the two")
        return Duration.parse_some(lines["DURATION"][1].upper())
    if "DTEND" not in lines:
        return NO_TIME if isinstance(start, datetime) else ONE_DAY
    end, said = one_time("DTEND", lines["DTEND"])
    if isinstance(end, datetime) != isinstance(start, datetime):
        raise RecurrenceError("DTEND", format_moment(end), "a date or a time, as DTSTART is")
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        days = end.toordinal() - start.toordinal()
        if days <= 0:
            raise RecurrenceError("DTEND", format_moment(end), "a day after DTSTART")
        return Duration(days=days)
    length = instant(end, said or name, fold) - instant(start, name, fold)
    if length.total_seconds() <= 0:
        raise RecurrenceError("DTEND", format_moment(end), "an end after DTSTART")
    return Duration.exactly(length)


def instant(moment: datetime, name: str | None, fold: Fold) -> datetime:
    """A wall time or instant as instant; a floating one as if in UTC."""
    if moment.tzinfo is not None:
        return moment
    found = zone.localize(moment, name or "UTC", fold=fold)
    assert found is not None
    return found


def read_moments(part: str, line: Line, name: str | None, fold: Fold, zones: set[str]) -> Sequence[Moment]:
    """The entries of one RDATE or EXDATE line; adds its zone to those that others than DTSTART have named."""
    parameters, text = line
    said, kind = read_parameters(part, parameters) if parameters else (None, "")
    moments = read_entries(part, text)
    if kind:
        check_kind(part, kind, moments)
    if said is None or said == name:
        return moments
    zones.add(zone.check_zone(said))
    if len(zones) > MAX_ZONES:
        raise RecurrenceError("TZID", f"{len(zones)} zones", f"at most {MAX_ZONES} besides that of DTSTART")
    return [in_series(moment, said, fold) for moment in moments]


def read_entries(part: str, text: str) -> Sequence[Moment]:
    """The entries of a list, as they stand."""
    if SAME_FORM.fullmatch(text):
        with suppress(ValueError):  # told below which one
            return list(map(datetime.fromisoformat, text.split(",")))
    return [parse_moment(entry, part=part) for entry in text.split(",")]


def check_kind(part: str, kind: str, moments: Sequence[Moment]) -> None:
    """Raises RecurrenceError for an entry of another kind than VALUE says."""
    for moment in moments:
        if not isinstance(moment, KINDS[kind]) or (kind == "DATE" and isinstance(moment, datetime)):
            raise RecurrenceError(part, f"VALUE={kind} with {format_moment(moment)}", "a value of that kind")


def in_series(moment: Moment, said: str, fold: Fold) -> Moment:
    """An entry as the series keeps it: a wall time of another zone becomes an instant."""
    if isinstance(moment, Period) and moment.start.tzinfo is None:
        end = None if moment.end is None else instant(moment.end, said, fold)
        return Period(start=instant(moment.start, said, fold), end=end, duration=moment.duration)
    if isinstance(moment, datetime):
        return instant(moment, said, fold)
    return moment


def midnight(day: date) -> datetime:
    """The first wall second of a day."""
    return datetime(day.year, day.month, day.day)


def write(series: "Series") -> str:
    """The lines of a series, joined by newlines, without a newline at the end; entries of one kind share a line."""
    name = series.time_zone
    if series.all_day:
        lines = [f"DTSTART;VALUE=DATE:{format_moment(series.dtstart.date())}"]
        if name is not None:
            lines.append(f"X-WR-TIMEZONE:{name}")
    else:
        lines = [":".join(local_entry("DTSTART", format_moment(series.dtstart), name))]
    if series.duration:
        lines.append(f"DURATION:{series.duration}")
    if series.rule is not None:
        lines.append(f"RRULE:{series.rule}")
    for part, moments in (("RDATE", series.rdates), ("EXDATE", series.exdates)):
        by_head: dict[str, list[str]] = {}
        for moment in moments:
            head, stamp = entry(part, moment, name)
            by_head.setdefault(head, []).append(stamp)
        lines.extend(f"{head}:{','.join(stamps)}" for head, stamps in by_head.items())
    return "\n".join(lines)


def local_entry(part: str, stamp: str, name: str | None) -> tuple[str, str]:
    """What stands before and after the colon of a wall time."""
    if name is None:
        return part, stamp
    return (part, f"{stamp}Z") if name == "UTC" else (f"{part};TZID={name}", stamp)


def entry(part: str, moment: Moment, name: str | None) -> tuple[str, str]:
    """What stands before and after the colon of one entry."""
    stamp = format_moment(moment)
    if isinstance(moment, Period):
        floating = moment.start.tzinfo is None and name is not None
        return f"{part};VALUE=PERIOD{f';TZID={name}' if floating else ''}", stamp
    if not isinstance(moment, datetime):
        return f"{part};VALUE=DATE", stamp
    return (part, stamp) if moment.tzinfo is not None else local_entry(part, stamp, name)
