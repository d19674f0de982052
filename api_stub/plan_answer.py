"""One plan on the wire: both spellings of its recurrence, and for a one-time plan the life of its session too.

UNTIL goes out as an instant in UTC, whatever form it came in (RFC 5545 3.3.10). `scheduledAt` and `scheduledEndAt` are
those of the first session; of a daily range, the end is that of the last day, as it was given.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import recurrence
from api_stub import flat_answer, instants, plan_rule, session_answer
from api_stub.plan_times import Clockwork
from db.models import PlanType, Segment
from recurrence import Duration, Rule, Series
from services import identity, unreadable
from services.views import PlanView, SessionView

OF_THE_PLAN = frozenset({"id", "sessionId", "type", "timeZone", "notes", "version"})
"""What a one-time plan says itself, and not by its session."""

SET_ASIDE = "it was set aside: it gives no more sessions, and an operator has to look"
"""Why, only operators are told."""

NO_LIFE: dict[str, Any] = dict.fromkeys(
    ("startedAt", "endedAt", "state", "tracked", "recurrenceId", "progress", "clash")
)
"""What only a session has: null on a plan of many."""


def of_view(view: PlanView) -> dict[str, Any]:
    """A plan; of its notes those are kept that say why a date is left out, the others are told when it is made."""
    series = series_of(view)
    clockwork = Clockwork(zone=view.series.time_zone or "UTC", gap=view.series.gap, fold=view.series.fold)
    return {
        "id": identity.format_id(view.series_id),
        "sessionId": None,
        "type": view.type,
        **shown(view, clockwork),
        "duration": str(series.duration),
        "timeZone": view.segment.time_zone,
        "recurrence": canonical(view.series, clockwork),
        "recurrenceText": recurrence.describe(view.series.rule) if view.series.rule else None,
        **flat_answer.of_series(series),
        "participants": [str(user_id) for user_id in view.participants],
        **policies(view.segment),
        "capacity": view.segment.capacity if view.session is None else view.session.capacity,
        "segments": stretches(view.segments),
        "materializedUntil": instants.show(view.segment.materialized_until),
        "notes": [*broken(view), *left_out(view.segment), *of_life(view)],
        "version": version(view),
        "createdAt": instants.show(view.created_at),
        "updatedAt": instants.show(view.updated_at),
    }


def series_of(view: PlanView) -> Series:
    """The series that is shown: of a one-time plan that was moved, from where to where it now goes."""
    session, series = view.session, view.series
    if session is None or (session.starts_at, session.ends_at) == (view.starts_at, view.ends_at):
        return series
    moved = replace(series, dtstart=recurrence.wall_time(session.starts_at, series.zone))
    clockwork = Clockwork(zone=moved.zone, gap=moved.gap, fold=moved.fold)
    if clockwork.after(moved.dtstart, moved.duration) == session.ends_at:
        return moved
    return replace(moved, duration=Duration.exactly(session.ends_at - session.starts_at))


def version(view: PlanView) -> int:
    """The version of people's edits: a one-time plan's are those of its session."""
    return view.version if view.session is None else view.session.version


def shown(view: PlanView, clockwork: Clockwork) -> dict[str, Any]:
    """Title, times, what it refers to, and its life; a one-time plan's as its session has them."""
    if view.session is not None:
        return of_session(view.session)
    plan = view.segment
    ends_at = view.ends_at
    if view.type == PlanType.ONE_TIME_RANGE:
        ends_at = flat_answer.range_end(view.series, clockwork) or ends_at
    return {
        "title": plan.title,
        "description": plan.description,
        "scheduledAt": instants.show(view.starts_at),
        "scheduledEndAt": instants.show(ends_at),
        "removedAt": session_answer.instant(view.removed_at),
        "routineId": session_answer.text(plan.routine_id),
        "programId": session_answer.text(plan.program_id),
        "timelineId": session_answer.text(plan.timeline_id),
        "spaceId": session_answer.text(plan.space_id),
        "subjectId": session_answer.text(plan.subject_id),
        "instructorId": session_answer.text(plan.instructor_id),
        **NO_LIFE,
        "materialized": True,
    }


def of_session(session: SessionView) -> dict[str, Any]:
    """What a one-time plan takes from its session."""
    own = session_answer.of_view(session)
    return {name: value for name, value in own.items() if name not in OF_THE_PLAN}


def canonical(series: Series, clockwork: Clockwork) -> dict[str, Any] | None:
    """The canonical spelling; null on a plan that does not repeat."""
    if series.rule is None and not series.rdates:
        return None
    return {
        "rrule": str(in_utc(series.rule, clockwork)) if series.rule else None,
        "rdates": [flat_answer.moment(value) for value in series.rdates],
        "exdates": flat_answer.exact(series),
        "excludedDays": flat_answer.excluded_days(series),
    }


def in_utc(rule: Rule, clockwork: Clockwork) -> Rule:
    """The same rule with UNTIL as an instant."""
    return replace(rule, until=plan_rule.until_of(rule, clockwork))


def policies(plan: Segment) -> dict[str, Any]:
    """How sessions of the plan behave."""
    return {
        "exclusive": list(plan.exclusive),
        "lateAfter": str(Duration.exactly(plan.late_after)),
        "completionThreshold": plan.completion_threshold,
        "autoStart": plan.auto_start,
        "autoEnd": plan.auto_end,
        "misfire": "CATCH_UP" if plan.misfire_grace is None else "MISS",
        "misfireGrace": None if plan.misfire_grace is None else str(Duration.exactly(plan.misfire_grace)),
        "gap": plan.gap,
        "fold": plan.fold,
        "syncDtstart": plan.sync_dtstart,
    }


def left_out(plan: Segment) -> list[str]:
    """Which dates are left out because something else takes their place."""
    each = sorted((recurrence.parse_moment(start), why) for start, why in plan.left_out.items())
    return [left_out_note(start, why) for start, why in each if isinstance(start, datetime)]


def broken(view: PlanView) -> list[str]:
    """That a plan can't be read any more, and how its times are told then; or that it was set aside."""
    if unreadable.is_gone(view.segment.time_zone):
        zone = view.segment.time_zone
        return [f"the zone {zone} is not known any more: times of the plan are told as if it were UTC"]
    reason = unreadable.reason(view.segment)
    if reason is not None:
        return [f"the plan can't be read any more ({reason}): of its times, its first start alone is told"]
    return [SET_ASIDE] if any(one.set_aside is not None for one in view.segments) else []


def of_life(view: PlanView) -> list[str]:
    """What a one-time plan says of its session."""
    return [] if view.session is None else session_answer.notes(view.session)


def left_out_note(start: datetime, why: str) -> str:
    """A date that is left out, in a sentence."""
    return f"{instants.show_local(start)} is left out: {why}"


def stretches(plans: Sequence[Segment]) -> list[dict[str, Any]]:
    """The stretches of a plan, from first to last."""
    following = [*[plan.from_local for plan in plans[1:]], None]
    return [stretch(plan, until) for plan, until in zip(plans, following, strict=True)]


def stretch(plan: Segment, until: datetime | None) -> dict[str, Any]:
    """One stretch of the series: from when until when (local, until exclusive), and what holds there."""
    return {
        "from": instants.show_local(plan.from_local),
        "until": None if until is None else instants.show_local(until),
        "removedAt": session_answer.instant(plan.removed_at),
        "title": plan.title,
        "timeZone": plan.time_zone,
        "rrule": plan.rrule,
        "duration": plan.duration,
        "spaceId": session_answer.text(plan.space_id),
        "instructorId": session_answer.text(plan.instructor_id),
    }
