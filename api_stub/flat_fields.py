"""The flat spelling of a rule: `recurring*` fields to parts of an RRULE.

Several fields may say one part (`recurringIntervalWeek` says both FREQ and INTERVAL); they must agree. Compared are
values, not spellings: `"MO,WE"` and `["WEDNESDAY", "MONDAY"]` are the same days. A part is kept as RFC 5545 text
together with the pointer to the field that said it first, so that a refusal of the engine can be told at the field the
client wrote.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic.alias_generators import to_camel

import recurrence
from api_stub.faults import Fault
from api_stub.plan_body import PlanBody

UNITS = MappingProxyType(
    {
        "YEAR": "YEARLY",
        "MONTH": "MONTHLY",
        "WEEK": "WEEKLY",
        "DAY": "DAILY",
        "HOUR": "HOURLY",
        "MINUTE": "MINUTELY",
        "SECOND": "SECONDLY",
    }
)

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a rule, such as BYDAY, its RFC 5545 text, and the pointer to the field that said it."""

    name: str
    text: str
    pointer: str


def days(values: list[str]) -> str:
    """BYDAY with ordinals: MO, 2TU, -1FR; the engine judges each."""
    return ",".join(sorted({value.strip().upper().removeprefix("+") for value in values}))


def weekdays(values: list[str]) -> str:
    """BYDAY without ordinals, from MONDAY or MO. Raises ValueError."""
    return ",".join(sorted({weekday(value) for value in values}))


def weekday(value: str) -> str:
    """MO from MO or MONDAY. Raises ValueError."""
    name = value.strip().upper()
    for known in WEEKDAYS:
        if name in (known, known[:2]):
            return known[:2]
    raise ValueError(f"got {value[:20]!r}, expected a day like MONDAY or MO, without a number")


def months(values: list[str]) -> str:
    """BYMONTH from 3, "3", MARCH or MAR. Raises ValueError."""
    return ",".join(map(str, sorted({month(value) for value in values})))


def month(value: str) -> int:
    """The number of a month. Raises ValueError."""
    name = value.strip().upper()
    for number, known in enumerate(MONTHS, start=1):
        if name in (known, known[:3], str(number), f"{number:02}"):
            return number
    raise ValueError(f"got {value[:20]!r}, expected a month from 1 to 12, or its name")


def numbers(values: list[int]) -> str:
    """A list of whole numbers, each once."""
    return ",".join(map(str, sorted(set(values))))


READERS: MappingProxyType[str, tuple[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "recurring_frequency": ("FREQ", str),
        "repeat_cycle_type": ("FREQ", str),
        "recurring_interval_unit": ("FREQ", UNITS.__getitem__),
        "recurring_interval": ("INTERVAL", str),
        "recurring_interval_count": ("INTERVAL", str),
        "recurring_count": ("COUNT", str),
        "recurring_until": ("UNTIL", recurrence.format_moment),
        "recurring_by_day": ("BYDAY", days),
        "recurring_day_of_week": ("BYDAY", weekdays),
        "recurring_by_month_day": ("BYMONTHDAY", numbers),
        "recurring_day_of_month": ("BYMONTHDAY", numbers),
        "recurring_by_month": ("BYMONTH", numbers),
        "recurring_month": ("BYMONTH", months),
        "recurring_week": ("BYWEEKNO", numbers),
        "recurring_by_set_pos": ("BYSETPOS", numbers),
        "recurring_week_start": ("WKST", weekday),
    }
)
"""Field, the part of the rule it says, and how its value is written there."""

BOTH = MappingProxyType({f"recurring_interval_{unit.lower()}": freq for unit, freq in UNITS.items()})
"""Fields that say FREQ by their name and INTERVAL by their value; at most one of them."""


def parts_of(body: PlanBody, faults: list[Fault]) -> dict[str, Part]:
    """The parts that the flat fields say, by name; contradictions and wrong words are added to `faults`."""
    found: dict[str, Part] = {}
    for part in said(body, faults):
        first = found.setdefault(part.name, part)
        if first.text != part.text:
            message = f"got {part.name}={part.text}, expected {first.text}, as {first.pointer} says"
            faults.append(Fault(pointer=part.pointer, message=message))
    if found and "FREQ" not in found and not (body.recurrence and body.recurrence.rrule):
        first = next(iter(found.values()))
        faults.append(
            Fault(pointer=first.pointer, message=f"got {first.name} alone, expected recurringFrequency beside it")
        )
    return found


def said(body: PlanBody, faults: list[Fault]) -> Iterator[Part]:
    """Every part, once for each field that says it; an empty list says nothing."""
    units = [name for name in BOTH if getattr(body, name) is not None]
    for name in units:
        yield Part(name="FREQ", text=BOTH[name], pointer=pointer(name))
        yield Part(name="INTERVAL", text=str(getattr(body, name)), pointer=pointer(name))
    faults += [
        Fault(pointer=pointer(name), message=f"got it beside {to_camel(units[0])}, expected one of the two")
        for name in units[1:]
    ]
    for name, (part, write) in READERS.items():
        value = getattr(body, name)
        if value is None or value == []:
            continue
        try:
            yield Part(name=part, text=write(value), pointer=pointer(name))
        except ValueError as error:
            faults.append(Fault(pointer=pointer(name), message=str(error)))


def pointer(field: str) -> str:
    """The pointer to a field, from its name in the model."""
    return "/" + to_camel(field)
