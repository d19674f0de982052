"""All plans as one calendar (RFC 5545): what a calendar subscribes to.

Each segment of a plan is an entry with its rule; a session that was edited on its own, or cancelled, is an entry beside
it. With a filter by space or person a session belongs to where it is and who gives it, whatever its plan says: one that
moved away is left out of its plan, one that moved in stands alone. What is removed is not there, nor is a
plan that can't be read any more.

A rule that leaves out the hours that the clocks skip (`gap: SKIP`) or means the second of two equal hours can't be told
to a calendar; there the calendar shows what RFC 5545 says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session as Tx

from db import segments
from db.models import Enrolment, PlanType, Segment, Series, Session, Tenant
from lifecycle import State
from services import enrolments, feed_event, feed_lines, feed_people, feed_zone, identity, references, unreadable
from services import filters as wanted
from services.errors import InvalidField
from services.feed_event import Entry, Words
from services.feed_people import Part
from services.filters import Filters

MOST_PLANS = 10_000  # told in one calendar

Rows = Sequence[Row[*tuple[Any, ...]]]
Key = tuple[UUID, datetime]
"""A series, and the wall time that names its segment or its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the calendar is made of.

    plans: series and segments that meet the filters. touched: sessions that somebody touched, of those plans or here
    now; `here`: which of them meet the filters where they are now. firsts: the first segment of each
    series that gives sessions.
    names: of spaces, programs and subjects, by id. user_id: whose calendar it is (None: everybody's); stays: when that
    person has a place, by series.
    """

    plans: Rows
    touched: Rows
    here: frozenset[Key]
    firsts: Mapping[UUID, datetime]
    names: Mapping[UUID, str]
    user_id: UUID | None
    stays: Mapping[UUID, Sequence[Enrolment]]


def text(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> str:
    """The calendar of the plans that meet the filters; their window and state are not looked at.

    Raises InvalidField when there are more plans than are told in one calendar.
    """
    found = read(tx, tenant_id, filters)
    zones: dict[str, datetime] = {}
    for row in (*found.plans, *found.touched):
        zone, first = row.Segment.time_zone, row.Segment.from_local.replace(tzinfo=UTC)
        zones[zone] = min(first, zones.get(zone, first))
    lines = list(head(tx.get_one(Tenant, tenant_id)))
    for zone, since in sorted(zones.items()):
        lines += feed_zone.lines(zone, since, now)
    lines += [*entries(found), "END:VCALENDAR"]
    return "".join(feed_lines.folded(lines))


def read(tx: Tx, tenant_id: UUID, filters: Filters) -> Read:
    """What meets the filters, in eight statements at most."""
    plans = told(tx, of_plans(tenant_id, filters))
    if len(plans) > MOST_PLANS:
        raise InvalidField(
            "series_id", f"got more than {MOST_PLANS} plans, expected a filter by person, place, program"
        )
    here = and_(true(), *wanted.at_own_place(filters))
    there = or_(here, and_(true(), *wanted.near_place(filters)))
    touched = told(tx, of_sessions(tenant_id, filters, here, there))
    series_ids = {row.Series.id for row in (*plans, *touched)}
    firsts = select(Segment.series_id, func.min(Segment.from_local)).group_by(Segment.series_id)
    of_them = firsts.where(
        Segment.tenant_id == tenant_id, Segment.series_id == func.any(list(series_ids)), segments.gives()
    )
    return Read(
        plans=plans,
        touched=touched,
        here=frozenset((row.Series.id, row.Session.recurrence_id) for row in touched if row.here),
        firsts={row[0]: row[1] for row in tx.execute(of_them)},
        names=names(tx, tenant_id, plans, touched),
        user_id=filters.user_id,
        stays=enrolments.of_person(tx, tenant_id, filters.user_id),
    )


def told(tx: Tx, statement: Select[*tuple[Any, ...]]) -> Rows:
    """The rows that a calendar can tell: those whose zone there is."""
    return [row for row in tx.execute(statement) if unreadable.series(row.Segment) is not None]


def head(tenant: Tenant) -> Iterator[str]:
    """How the calendar begins."""
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Sessionbeat//EN"
    yield "CALSCALE:GREGORIAN"
    yield f"X-WR-CALNAME:{feed_lines.text(tenant.name)}"
    yield f"X-WR-TIMEZONE:{feed_lines.tzid(tenant.time_zone)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT15M"
    yield "X-PUBLISHED-TTL:PT15M"


def of_plans(tenant_id: UUID, filters: Filters) -> Select[*tuple[Any, ...]]:
    """The segments that meet the filters, each beside its series, in a lasting order."""
    return (
        select(Series, Segment)
        .join(Segment, (Segment.tenant_id == Series.tenant_id) & (Segment.series_id == Series.id))
        .where(
            Series.tenant_id == tenant_id,
            Segment.removed_at.is_(None),
            *wanted.of_plan(filters),
            *wanted.near_place(filters),
        )
        .order_by(Series.created_at, Series.id, Segment.from_local)
        .limit(MOST_PLANS + 1)
    )


def of_sessions(
    tenant_id: UUID, filters: Filters, here: ColumnElement[bool], there: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """The sessions that somebody touched, `there`, and which of them are `here`."""
    return (
        select(Series, Segment, Session, here.label("here"))
        .join(Segment, (Segment.tenant_id == Series.tenant_id) & (Segment.series_id == Series.id))
        .join(
            Session,
            (Session.tenant_id == Segment.tenant_id)
            & (Session.series_id == Segment.series_id)
            & (Session.segment_from == Segment.from_local),
        )
        .where(Series.tenant_id == tenant_id, *wanted.of_plan(filters), is_touched(filters.user_id), there)
        .order_by(Session.series_id, Session.recurrence_id)
    )


def is_touched(user_id: UUID | None) -> ColumnElement[bool]:
    """Whether a calendar is told something of a session that its plan does not say; always of a one-time plan's, and of
    one at which its person drops in.
    """
    own = (Session.title, Session.description, Session.space_id, Session.instructor_id, Session.moved_to_local)
    return or_(
        Series.type == PlanType.ONE_TIME,
        feed_people.drops_in(user_id),
        Session.state == State.CANCELLED,
        Session.removed_at.is_not(None),
        *(column.is_not(None) for column in own),
    )


def names(tx: Tx, tenant_id: UUID, plans: Rows, touched: Rows) -> dict[UUID, str]:
    """The names of the spaces, programs and subjects of these."""
    rows = [row.Segment for row in (*plans, *touched)]
    ids = {
        "spaces": {one.space_id for one in (*rows, *(row.Session for row in touched))},
        "programs": {one.program_id for one in rows},
        "subjects": {one.subject_id for one in rows},
    }
    found: dict[UUID, str] = {}
    for kind, wanted_ids in ids.items():
        known = references.many(tx, tenant_id, kind, {id_ for id_ in wanted_ids if id_ is not None})
        found |= {id_: row.name for id_, row in known.items()}
    return found


def entries(found: Read) -> Iterator[str]:
    """The lines of all entries: each segment with its own sessions, then those whose plan is not here."""
    own: dict[Key, list[Session]] = {}
    for row in found.touched:
        own.setdefault((row.Series.id, row.Segment.from_local), []).append(row.Session)
    told = set[Key]()
    for row in found.plans:
        key = (row.Series.id, row.Segment.from_local)
        if segments.is_empty(row.Segment) and row.Series.type != PlanType.ONE_TIME:
            continue
        for part in feed_people.parts(row.Segment, found.user_id, found.stays.get(row.Series.id, ())):
            mine = [session for session in own.get(key, []) if part.covers(session.recurrence_id)]
            told |= {(session.series_id, session.recurrence_id) for session in mine}
            yield from of_plan(entry_of(row, found, part), part, mine, found)
    for row in found.touched:
        if (row.Series.id, row.Session.recurrence_id) not in told and is_shown(row.Session, found):
            yield from feed_event.of_session(entry_of(row, found), row.Session, words(row.Segment, row.Session, found))


def of_plan(entry: Entry, part: Part, own: Sequence[Session], found: Read) -> Iterator[str]:
    """The lines of a part of a segment, and of its sessions that stand on their own."""
    told = [session for session in own if is_shown(session, found)]
    if entry.series.type != PlanType.ONE_TIME:
        left_out = {session.recurrence_id for session in own} - {session.recurrence_id for session in told}
        yield from feed_event.of_segment(entry, part.series, words(entry.segment, None, found), left_out)
    elif not own:
        yield from feed_event.of_single(entry, words(entry.segment, None, found))
    for session in told:
        yield from feed_event.of_session(entry, session, words(entry.segment, session, found))


def is_shown(session: Session, found: Read) -> bool:
    """Whether a touched session is told."""
    return session.removed_at is None and (session.series_id, session.recurrence_id) in found.here


def entry_of(row: Row[*tuple[Any, ...]], found: Read, part: Part | None = None) -> Entry:
    """A segment with its UID: an imported entry keeps its own, a later segment of a series has one beside the first's,
    and so has a part that begins later.

    RFC 5545 gives one rule to one UID. What is kept for touched sessions alone has no rule: they stand beside the
    first, but for one at which somebody drops in.
    """
    series, segment = row.Series, row.Segment
    begins = segment.from_local if part is None or part.since is None else segments.first_local(part.series)
    if part is None and found.user_id is not None and segment.instructor_id != found.user_id:
        begins = row.Session.recurrence_id
    alone = segments.is_empty(segment) or found.firsts.get(series.id) == begins
    return Entry(series, segment, identity.format_uid(series.id, series.uid, None if alone else begins))


def words(segment: Segment, session: Session | None, found: Read) -> Words:
    """What a session says in words, its own first; without one, what its plan says."""
    own = session or Session()
    space_id = own.space_id or segment.space_id
    kinds = (segment.program_id, segment.subject_id)
    return Words(
        title=segment.title if own.title is None else own.title,
        description=segment.description if own.description is None else own.description,
        place=None if space_id is None else found.names.get(space_id),
        categories=tuple(found.names[id_] for id_ in kinds if id_ is not None and id_ in found.names),
    )
