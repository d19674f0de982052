"""Marks in bulk as they are sent: a CSV file, or JSON rows. Each row is understood by itself, or told what is wrong.

Columns are known by several names, as turnstiles and meeting tools export them, in any order and case: `Session ID`,
`session_id` and `sessionId` are one. The line of a row is that of the file, or its place in the list, from 1.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from api_stub import csv_records, instants, payload, wire
from api_stub.errors import Invalid, Malformed
from api_stub.faults import Fault
from db.models import Mark
from services import identity
from services.attendance_import import Delivered
from services.errors import NotFound

MOST = 20_000  # rows; 1 MiB holds fewer
LONGEST = 300  # characters of a value; none that is right has more
MARKS = tuple(mark for mark in Mark if mark is not Mark.EXPECTED)

NAMES = MappingProxyType(
    {
        "session": ("session", "sessionid", "meetingid"),
        "person": ("user", "userid", "email", "useremail", "person", "participant"),
        "status": ("status", "mark", "attendance"),
        "in": ("checkedinat", "checkedin", "checkin", "jointime", "in"),
        "out": ("checkedoutat", "checkedout", "checkout", "leavetime", "out"),
    }
)
"""What each column may be called, without regard to case, spaces, `-` and `_`."""

COLUMNS = MappingProxyType({name: column for column, names in NAMES.items() for name in names})
NEEDED = ("session", "person")


def read(content: bytes, kind: str) -> list[Delivered]:
    """The rows of a body. Raises Malformed, Invalid for what is no list of rows at all."""
    found = list(of_csv(content) if kind == "text/csv" else of_json(content))
    if not found:
        raise Invalid([Fault(pointer="/rows", message="got no rows, expected at least one")])
    if len(found) > MOST:
        raise Invalid([Fault(pointer="/rows", message=f"got {len(found)} rows, expected at most {MOST}")])
    return found


def of_csv(content: bytes) -> Iterator[Delivered]:
    """The rows of a file; its first line names the columns, between them stands a comma, a semicolon or a tab."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"got a byte that is no UTF-8 at {error.start}, expected CSV in UTF-8") from None
    found = csv_records.records(text)
    head = next(found, csv_records.Record(1, []))
    if head.problem is not None:
        raise Malformed(f"{head.problem} (line 1)")
    columns = columns_of(head.values)
    for line, values, problem in found:
        if problem is not None:
            yield Delivered(line=line, session=None, person=None, problem=problem)
        elif any(value.strip() for value in values):
            yield of_values(line, columns, values)


def columns_of(names: list[str]) -> list[str | None]:
    """Which column each name of the first line means; a name that is not known means none. Raises Invalid."""
    columns = [COLUMNS.get(plain(name)) for name in names]
    known = [column for column in columns if column is not None]
    told = "expected sessionId, userId or email, and status, checkedInAt or both"
    for column in NEEDED:
        if column not in known:
            shown = ", ".join(names)[: instants.SHOWN]
            raise Invalid([Fault(pointer="/line/1", message=f"got the columns {shown!r}, {told}")])
    if not {"status", "in"} & set(known):
        raise Invalid([Fault(pointer="/line/1", message=f"got neither status nor checkedInAt, {told}")])
    return columns


def of_values(line: int, columns: list[str | None], values: list[str]) -> Delivered:
    """One line of a file; where two columns mean the same (a user id and an e-mail address), the first that is filled
    counts."""
    row: dict[str, str] = {}
    for column, value in zip(columns, values, strict=False):
        if column is not None and value.strip():
            row.setdefault(column, value.strip())
    if len(values) > len(columns):
        problem = f"got {len(values)} values, expected {len(columns)}"
        return Delivered(line=line, session=shown(row.get("session")), person=shown(row.get("person")), problem=problem)
    return of_row(line, row)


def of_json(content: bytes) -> Iterator[Delivered]:
    """The rows of `{"rows": [{…}, …]}`."""
    body = payload.read(content)
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list) or set(body) != {"rows"}:
        raise Invalid([Fault(pointer="/rows", message="expected an object with one field, rows: a list of objects")])
    for line, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            problem = f"got {wire.shown(row)}, expected an object"
            yield Delivered(line=line, session=None, person=None, problem=problem)
            continue
        unknown = [name for name in row if plain(name) not in COLUMNS]
        named = {
            COLUMNS[plain(name)]: value for name, value in row.items() if name not in unknown and value is not None
        }
        wrong = [value for value in named.values() if not isinstance(value, str)]
        if unknown or wrong:
            told = f"the field {unknown[0]!r}" if unknown else wire.shown(wrong[0])
            problem = f"got {told}, expected sessionId, userId or email, status, checkedInAt, checkedOutAt, each a text"
            session, person = (shown(named.get(name)) for name in NEEDED)
            yield Delivered(line=line, session=session, person=person, problem=problem)
            continue
        yield of_row(line, named)


def of_row(line: int, row: Mapping[str, str]) -> Delivered:
    """One row of texts: what it means, or what is wrong with it."""
    session, person = shown(row.get("session")), shown(row.get("person"))
    try:
        return Delivered(line=line, session=session, person=person, **understood(row))
    except (ValueError, NotFound) as error:
        return Delivered(line=line, session=session, person=person, problem=str(error))


def understood(row: Mapping[str, str]) -> dict[str, Any]:
    """The values of a row. Raises ValueError, saying what was got and what was expected."""
    values: dict[str, Any] = {}
    for name, value in row.items():
        if len(value) > LONGEST or "\x00" in value or not value.isprintable():
            raise ValueError(f"got {shown(value)!r} as {name}, expected a short text on one line")
    values["series_id"], values["recurrence_id"] = session_of(row.get("session"))
    values |= person_of(row.get("person"))
    status = row.get("status")
    if status is not None:
        if status.upper() not in MARKS:
            raise ValueError(f"got the status {shown(status)!r}, expected one of {', '.join(MARKS)}")
        values["mark"] = status.upper()
    values |= {f"checked_{name}_at": instant_of(row[name]) for name in ("in", "out") if name in row}
    came, went = values.get("checked_in_at"), values.get("checked_out_at")
    if came is None and (status is None or went is not None):
        told = "a check-out without a check-in" if went is not None else "neither a status nor a check-in"
        raise ValueError(f"got {told}, expected status, checkedInAt, or both")
    if came is not None and went is not None and went < came:
        raise ValueError(f"got a check-out at {row['out']} before the check-in at {row['in']}, expected it after")
    return values


def session_of(text: str | None) -> tuple[Any, Any]:
    """The plan and recurrence id that a text names. Raises ValueError."""
    try:
        return identity.parse_id(text or "")
    except NotFound:
        got = "no session" if text is None else repr(shown(text))
        raise ValueError(f"got {got}, expected the id of a session: {{plan}}_{{YYYYMMDDTHHMMSS}}") from None


def person_of(text: str | None) -> dict[str, Any]:
    """The person that a text names, by id or e-mail address. Raises ValueError."""
    if text is not None and wire.UUID_SHAPE.fullmatch(text):
        return {"user_id": wire.read_id(text)}
    if text is not None and "@" in text:
        return {"email": text.lower()}
    got = "no user" if text is None else repr(shown(text))
    raise ValueError(f"got {got}, expected the id or the e-mail address of a user")


def instant_of(text: str) -> Any:
    """An instant, whole seconds. Raises ValueError."""
    return instants.parse_instant(text)


def plain(name: str) -> str:
    """The name of a column without what differs from tool to tool."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def shown(value: Any) -> str | None:
    """A value as the report repeats it; what can't be stored is left out."""
    if not isinstance(value, str):
        return None
    return "".join(letter for letter in value[: instants.SHOWN] if letter.isprintable())
