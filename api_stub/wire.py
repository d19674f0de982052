"""The kinds of value that bodies and queries are made of.

JSON types are taken literally: a number where text is wanted is refused. Only the flat `recurring*` fields are lenient:
a list may be a comma-separated string there, and a number may come as digits in a string.
"""

import json
import re
from datetime import date, datetime, time
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

import recurrence
from api_stub import instants

MAX_ENTRIES = 1000  # of one list in a body
MAX_DIGITS = 10
MOST_PLACES = 1_000_000  # people at one session
MOST_LATE_S = 86_400  # seconds
DIGITS = re.compile(r"[+-]?\d{1,10}", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
UUID_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Strict(BaseModel):
    """A body or a query: camel case on the wire, no field that is not known, no guessing between JSON types."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, arbitrary_types_allowed=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **named: Any) -> dict[str, Any]:
        """As pydantic makes it, but once: the framework asks for a query's at every request."""
        return super().model_json_schema(*args, **named) if args or named else schema_of(cls)


@cache
def schema_of(model: type[Strict]) -> dict[str, Any]:
    """The JSON schema of a model."""
    return model.model_json_schema(by_alias=True)


def read_id(value: Any) -> UUID:
    """The id of something that is referred to."""
    if not isinstance(value, str) or not UUID_SHAPE.fullmatch(value):
        raise ValueError(f"got {shown(value)}, expected an id like 0198c0de-0000-7000-8000-000000000000")
    return UUID(value)


def read_moment(value: Any) -> datetime:
    """An instant or a local time."""
    return instants.parse(text_of(value))


def read_instant(value: Any) -> datetime:
    """An instant; a local time is refused."""
    return instants.parse_instant(text_of(value))


def read_day(value: Any) -> date:
    """A whole local day."""
    day = read_entry(value)
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError(f"got {shown(value)}, expected a date like 2026-01-05")
    return day


def read_entry(value: Any) -> datetime | date:
    """A local time, an instant or a date."""
    found = recurrence.parse_moment(text_of(value))
    if not isinstance(found, date):
        raise ValueError(f"got {shown(value)}, expected a time or a date")
    instants.check_year(found)
    instants.check_offset(value)
    return found


def read_start(value: Any) -> datetime:
    """A local time or an instant."""
    found = read_entry(value)
    if not isinstance(found, datetime):
        raise ValueError(f"got {shown(value)}, expected a time like 2026-01-05T18:00, with or without an offset")
    return found


def read_clock(value: Any) -> time:
    """A time of day."""
    shape = CLOCK.fullmatch(text_of(value))
    if shape is None:
        raise ValueError(f"got {shown(value)}, expected a time of day like 18:00 or 18:00:30")
    hour, minute, second = (int(part or 0) for part in shape.groups())
    return time(hour, minute, second)


def read_duration(value: Any) -> recurrence.Duration:
    """A length."""
    return recurrence.Duration.parse(text_of(value))


def read_zone(value: Any) -> str:
    """The name of a zone that tzdata has."""
    return recurrence.check_zone(text_of(value))


def read_number(value: Any) -> int:
    """A whole number, in the flat fields also as digits in a string."""
    if isinstance(value, str) and DIGITS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**MAX_DIGITS:
        raise ValueError(f"got {shown(value)}, expected a whole number")
    return value


def read_list(value: Any) -> list[Any]:
    """A JSON array, or in the flat fields a comma-separated string."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")] if value.strip() else []
    if not isinstance(value, list):
        raise ValueError(f"got {shown(value)}, expected a list, or a text with commas between")
    if len(value) > MAX_ENTRIES:
        raise ValueError(f"got {len(value)} entries, expected at most {MAX_ENTRIES}")
    return value


def read_plain_list(value: Any) -> list[Any]:
    """A JSON array."""
    if not isinstance(value, list):
        raise ValueError(f"got {shown(value)}, expected a list")
    return read_list(value)


def read_places(value: Any) -> int:
    """How many people."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PLACES:
        raise ValueError(f"got {shown(value)}, expected a whole number from 1 to {MOST_PLACES}")
    return value


def read_part(value: Any) -> float:
    """A part of the whole."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError(f"got {shown(value)}, expected a number above 0 and at most 1, the whole")
    return float(value)


def read_lateness(value: Any) -> recurrence.Duration:
    """How late is late: no longer than a day."""
    found = read_duration(value)
    if found.days * 86_400 + found.seconds > MOST_LATE_S:
        raise ValueError(f"got {shown(value)}, expected at most a day")
    return found


def text_of(value: Any) -> str:
    """`value`, if it is a string. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"got {shown(value)}, expected a text")
    return value


def shown(value: Any) -> str:
    """A refused value as it may stand in a sentence."""
    if isinstance(value, str):
        return repr(value[: instants.SHOWN])
    return json.dumps(value, ensure_ascii=False, default=str)[: instants.SHOWN]


def refuse_blank(text: str) -> str:
    """A text with something to read in it."""
    if not text.strip():
        raise ValueError("got a text without a letter, expected one that can be read")
    return text


def schema(**parts: Any) -> WithJsonSchema:
    """What the OpenAPI document says of a kind of value."""
    return WithJsonSchema(parts)


LOCAL_OR_INSTANT = "an instant with offset, or a local time YYYY-MM-DDTHH:MM[:SS]"
INTEGER_OR_DIGITS = [{"type": "integer"}, {"type": "string", "pattern": r"^[+-]?\d+$"}]

Line = Annotated[str, StringConstraints(strict=True, max_length=200), AfterValidator(refuse_blank)]
Prose = Annotated[str, StringConstraints(strict=True, max_length=10_000)]
Word = Annotated[str, StringConstraints(strict=True, max_length=50)]
RuleText = Annotated[str, StringConstraints(strict=True, max_length=16_384)]
Id = Annotated[UUID, BeforeValidator(read_id), schema(type="string", format="uuid")]
Moment = Annotated[datetime, BeforeValidator(read_moment), schema(type="string", description=LOCAL_OR_INSTANT)]
Instant = Annotated[datetime, BeforeValidator(read_instant), schema(type="string", format="date-time")]
Start = Annotated[datetime, BeforeValidator(read_start), schema(type="string", description=LOCAL_OR_INSTANT)]
Entry = Annotated[
    datetime | date, BeforeValidator(read_entry), schema(type="string", description=LOCAL_OR_INSTANT + ", or a date")
]
Day = Annotated[date, BeforeValidator(read_day), schema(type="string", format="date")]
Clock = Annotated[time, BeforeValidator(read_clock), schema(type="string", description="HH:MM[:SS]")]
Zone = Annotated[str, BeforeValidator(read_zone), schema(type="string", description="an IANA name, or UTC")]
Length = Annotated[
    recurrence.Duration, BeforeValidator(read_duration), schema(type="string", description="ISO 8601, like PT50M")
]
Places = Annotated[int, BeforeValidator(read_places), schema(type="integer", minimum=1, maximum=MOST_PLACES)]
Part = Annotated[float, BeforeValidator(read_part), schema(type="number", exclusiveMinimum=0, maximum=1)]
Lateness = Annotated[
    recurrence.Duration, BeforeValidator(read_lateness), schema(type="string", description="ISO 8601, like PT5M")
]
Number = Annotated[int, BeforeValidator(read_number), schema(anyOf=INTEGER_OR_DIGITS)]
Flag = Annotated[bool, BeforeValidator(lambda value: value if isinstance(value, bool) else refuse_flag(value))]


def refuse_flag(value: Any) -> bool:
    """A boolean is one of two words."""
    raise ValueError(f"got {shown(value)}, expected true or false")


def listed(item: dict[str, Any]) -> WithJsonSchema:
    """What the OpenAPI document says of a list that may also be a text."""
    return schema(anyOf=[{"type": "array", "items": item, "maxItems": MAX_ENTRIES}, {"type": "string"}])


Words = Annotated[
    list[Annotated[str, BeforeValidator(lambda v: text_of(v) if not isinstance(v, int) else str(v))]],
    BeforeValidator(read_list),
    listed({"type": "string"}),
]
Numbers = Annotated[list[Number], BeforeValidator(read_list), listed({"type": "integer"})]
Starts = Annotated[list[Start], BeforeValidator(read_list), listed({"type": "string"})]
Days = Annotated[list[Day], BeforeValidator(read_list), listed({"type": "string", "format": "date"})]
PlainEntries = Annotated[list[Entry], BeforeValidator(read_plain_list)]
PlainDays = Annotated[list[Day], BeforeValidator(read_plain_list)]
Ids = Annotated[list[Id], BeforeValidator(read_plain_list)]
