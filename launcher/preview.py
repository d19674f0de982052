"""`sessionbeat preview`: when would this plan take place?

Nothing is written and no server is needed. One line per session on stdout (local start, UTC start, UTC end),
then the rule in words; warnings follow on stdout too, because they belong to the answer. A plan that is wrong
ends with one line on stderr and exit code 2.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, time
from itertools import islice
from typing import Final

import recurrence
from config.settings import Settings
from recurrence import BudgetError, Duration, Moment, Occurrence, RecurrenceError, Rule, Series, ZoneError

SHOWN: Final = 10  # sessions, unless --limit or --to says otherwise
MOST: Final = 10_000  # sessions in one preview
BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
FREQUENT: Final[int] = Settings.model_fields["max_sessions_per_day"].default
WRONG: Final = 2  # exit code of a plan that is refused


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("preview", help="show when a plan's sessions would be", description=__doc__)
    parser.add_argument("--dtstart", required=True, help="first start: 2026-03-07T02:30 local, or a date for all day")
    parser.add_argument("--tz", help="IANA time zone; without it the times are read as UTC")
    parser.add_argument("--rrule", help='how it repeats, like "FREQ=WEEKLY;BYDAY=MO"')
    parser.add_argument("--duration", help="length of a session, like PT50M (default: one hour, all day: one day)")
    parser.add_argument("--rdate", action="append", default=[], help="extra start; may be given several times")
    parser.add_argument("--exdate", action="append", default=[], help="start or day to leave out; several times")
    parser.add_argument("--from", dest="begin", help="first instant or local time shown (default: the beginning)")
    parser.add_argument("--to", help="instant or local time before which the last one starts")
    parser.add_argument("--limit", type=int, help=f"at most so many sessions (default {SHOWN}, with --to {MOST})")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the preview; 0, or 2 with a line on stderr when the plan is wrong."""
    try:
        series = series_of(args)
        sessions = chosen(series, args)
        notes = warnings(series)
    except RecurrenceError as error:
        print(error, file=sys.stderr)
        return WRONG
    words = in_words(series)
    if args.json:
        answer = {
            "sessions": [as_json(session, series.zone) for session in sessions],
            "text": words,
            "timeZone": series.zone,
            "tzdata": recurrence.tzdata_version(),
            "warnings": notes,
        }
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    for session in sessions:
        local = recurrence.wall_time(session.starts_at, series.zone)
        print(f"{local.isoformat()}  {stamp(session.starts_at)}  {stamp(session.ends_at)}")
    print(words)
    for note in notes:
        print(f"warning: {note}")
    return 0


def series_of(args: argparse.Namespace) -> Series:
    """The series that the arguments tell. Raises RecurrenceError."""
    start = recurrence.parse_moment(args.dtstart, part="--dtstart")
    if isinstance(start, recurrence.Period):
        raise RecurrenceError("--dtstart", args.dtstart, "one date or time")
    all_day = not isinstance(start, datetime)
    zone = zone_of(args.tz) if args.tz is not None else None
    wall = start if isinstance(start, datetime) else datetime.combine(start, time.min)
    if wall.tzinfo is not None:
        wall = recurrence.wall_time(wall, zone or "UTC")
        zone = zone or "UTC"
    length = Duration(days=1) if all_day else Duration(seconds=3600)
    if args.duration is not None:
        length = Duration.parse_some(args.duration)
    return Series(
        dtstart=wall,
        time_zone=zone,
        duration=length,
        rule=Rule.parse(args.rrule) if args.rrule is not None else None,
        rdates=moments(args.rdate, "RDATE"),
        exdates=moments(args.exdate, "EXDATE"),
        all_day=all_day,
    )


def zone_of(name: str) -> str:
    """The zone of the option. Raises ZoneError."""
    try:
        return recurrence.check_zone(name)
    except ZoneError as error:
        raise ZoneError("--tz", name, error.expected) from None


def moments(texts: Iterable[str], part: str) -> tuple[Moment, ...]:
    """The entries of one option; each may hold several, joined by commas."""
    return tuple([recurrence.parse_moment(text, part=part) for joined in texts for text in joined.split(",")])


def chosen(series: Series, args: argparse.Namespace) -> list[Occurrence]:
    """The sessions asked for. Raises RecurrenceError."""
    limit = (SHOWN if args.to is None else MOST) if args.limit is None else args.limit
    if not 1 <= limit <= MOST:
        raise RecurrenceError("--limit", limit, f"a whole number from 1 to {MOST}")
    begin = BEGINNING if args.begin is None else bound(series, args.begin, "--from")
    end = None if args.to is None else bound(series, args.to, "--to")
    if end is not None and args.begin is not None and begin >= end:
        raise RecurrenceError("--from", args.begin, f"a time before --to {args.to}")
    return list(islice(recurrence.expand(series, begin, end), limit))


def bound(series: Series, text: str, part: str) -> datetime:
    """An instant; local times and dates are read in the zone of the series."""
    moment = recurrence.parse_moment(text, part=part)
    if isinstance(moment, recurrence.Period):
        raise RecurrenceError(part, text, "one date or time")
    wall = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)
    if wall.tzinfo is not None:
        return wall
    try:
        instant = recurrence.localize(wall, series.zone)
    except RecurrenceError as error:
        raise RecurrenceError(part, text, error.expected) from None
    assert instant is not None
    return instant


def in_words(series: Series) -> str:
    """The rule; without one, how often its start and the extra dates take place."""
    if series.rule is not None:
        return recurrence.describe(series.rule)
    number = sum(1 for _ in recurrence.expand(series, BEGINNING))
    return {0: "never", 1: "once"}.get(number, f"{number} times")


def warnings(series: Series) -> list[str]:
    """What a planner should know before saying yes."""
    facts = recurrence.analyse(series)
    notes = list(facts.hints)
    if facts.never_fires:
        return [*notes, "this plan has no session at all"]
    if facts.fires_once and series.rule is not None and series.rule.count != 1 and is_all_seen(series):
        notes.append("this plan fires once")
    if not facts.dtstart_in_rule:
        first = facts.rule_first.isoformat() if facts.rule_first else "none"
        notes.append(f"the rule does not give the start {series.dtstart.isoformat()}; its first is {first}")
    if facts.overlap is not None:
        notes.append(
            f"sessions overlap: the one of {facts.overlap[0].recurrence_id} has not ended when the next starts"
        )
    if facts.per_day > FREQUENT:
        notes.append(
            f"up to {facts.per_day} sessions a day; to be planned they may be {FREQUENT}, unless settings say more"
        )
    notes.extend(f"EXDATE {recurrence.format_moment(moment)} matches no session" for moment in facts.unmatched)
    return notes


def is_all_seen(series: Series) -> bool:
    """Whether it is certain that nothing comes after the first session: a second may lie out of reach."""
    try:
        return len(recurrence.next_after(series, BEGINNING, 2)) < 2
    except BudgetError:
        return False


def stamp(instant: datetime) -> str:
    """An instant in UTC, with its Z."""
    return instant.replace(tzinfo=None).isoformat() + "Z"


def as_json(session: Occurrence, zone: str) -> dict[str, str]:
    """One session as the API spells it, and its start on the wall: not the recurrence id where the clocks skip that."""
    return {
        "recurrenceId": session.recurrence_id.isoformat(),
        "startsLocal": recurrence.wall_time(session.starts_at, zone).isoformat(),
        "scheduledAt": stamp(session.starts_at),
        "scheduledEndAt": stamp(session.ends_at),
    }
