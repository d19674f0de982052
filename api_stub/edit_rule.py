"""The rule of a plan that is edited: what is given in parts is read over the rule that it has.

`recurrence.rrule` is the whole rule. A flat field replaces the part that it says, null takes the part away; another
frequency takes along what chose the days. COUNT and UNTIL take each other's place. A new COUNT is the total where the
change reaches the whole plan, so what lies before the cut is taken off; otherwise it counts from the cut on.

Where the day changes and no rule is given, a rule that names one day follows the start; any other has to give it.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import recurrence
from api_stub import flat_fields, plan_rule
from api_stub.edit_body import EditBody
from api_stub.faults import Fault
from api_stub.flat_fields import Part
from api_stub.plan_body import Recurrence
from api_stub.plan_times import Clockwork, Times
from recurrence import ByDay, Frequency, Rule, Series, Weekday
from services.plan_change import Base, starts_of

ENDS = {"COUNT": "UNTIL", "UNTIL": "COUNT"}
KEPT = ("FREQ", "COUNT", "UNTIL", "WKST")
"""Parts that stay when the frequency changes."""

DAYS = frozenset({Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY, Frequency.YEARLY})


def parts_of(body: EditBody, faults: list[Fault]) -> dict[str, Part]:
    """The parts that flat fields say; a frequency need not be among them."""
    said = body.model_copy(update={"recurrence": body.recurrence or Recurrence(rrule="given")})
    if said.recurrence is not None and said.recurrence.rrule is None:
        said = said.model_copy(update={"recurrence": Recurrence(rrule="given")})
    return flat_fields.parts_of(said, faults)


def of_body(body: EditBody, parts: dict[str, Part], base: Base, clockwork: Clockwork, dtstart: datetime) -> Rule | None:
    """The rule from the cut on. Raises Invalid, RecurrenceError."""
    given = body.model_fields_set
    if "recurrence" in given and body.recurrence is None:
        return None
    taken = [part for name, (part, _) in flat_fields.READERS.items() if name in given and not getattr(body, name)]
    if body.recurrence and "rrule" in body.recurrence.model_fields_set:
        rule = plan_rule.of_body(body, parts, clockwork)
        return rule if rule is None or rule.count is None else counted(rule, base, parts)
    before = whole_rule(base)
    if not parts and not taken:
        return None if before is None else following(before, base, clockwork, dtstart)
    rule = merged(before, parts, taken)
    return counted(rule, base, parts) if "COUNT" in parts else rule


def up_to(rule: Rule | None, base: Base, span: Times | None, dtstart: datetime) -> Rule | None:
    """The rule up to the last day of a daily range, where that is given; a stretch with another after it as it is."""
    if rule is None or span is None or span.last_day is None or base.until is not None:
        return rule
    if span.last_day.date() < dtstart.date():
        message = f"got {span.last_day.date()} as the last day, expected {dtstart.date()} or later"
        raise plan_rule.refused("/scheduledEndAt", message)
    return replace(rule, until=datetime.combine(span.last_day.date(), dtstart.time()), count=None)


def whole_rule(base: Base) -> Rule | None:
    """The rule that the plan goes on with, its days written out; its COUNT includes what the parts before it give."""
    series = base.later[-1] if base.later else base.series
    if series.rule is None:
        return None
    rule = recurrence.completed(series.rule, series.dtstart)
    if not base.later or rule.count is None:
        return rule
    return replace(rule, count=rule.count + sum(starts_of(one) for one in (base.series, *base.later[:-1])))


def merged(before: Rule | None, parts: dict[str, Part], taken: list[str]) -> Rule:
    """The rule with these parts replaced and those taken away. Raises Invalid."""
    texts = dict(piece.split("=", 1) for piece in str(before).split(";")) if before else {}
    if before and "FREQ" in parts and parts["FREQ"].text != before.freq:
        texts = {name: text for name, text in texts.items() if name in KEPT}
    for name in taken:
        texts.pop(name, None)
    for name, part in parts.items():
        texts[name] = part.text
        if name in ENDS and ENDS[name] not in parts:
            texts.pop(ENDS[name], None)
    return plan_rule.parsed(";".join(f"{name}={text}" for name, text in texts.items()), parts)


def counted(rule: Rule, base: Base, parts: dict[str, Part]) -> Rule:
    """The rule with the COUNT that is left from the cut on. Raises Invalid when nothing is."""
    if not base.total or rule.count is None:
        return rule
    had = base.had()
    if rule.count <= had:
        pointer = parts["COUNT"].pointer if "COUNT" in parts else plan_rule.RRULE
        raise plan_rule.refused(pointer, f"got a count of {rule.count}, expected more than the {had} there were")
    return replace(rule, count=rule.count - had)


def following(rule: Rule, base: Base, clockwork: Clockwork, dtstart: datetime) -> Rule:
    """The same rule for another start: its one day follows, and UNTIL keeps its last day. Raises Invalid."""
    series = base.series
    rule = until_day(rule, series, clockwork, dtstart)
    if dtstart.date() == series.dtstart.date():
        return rule
    follows = same_day(rule, series.dtstart.date(), dtstart.date())
    alone = Series(dtstart=dtstart, time_zone=clockwork.zone, duration=series.duration, rule=follows)
    if series.rule is not None and recurrence.occurrence_at(alone, dtstart) is None:
        message = f"got another day, expected the rule beside it: {rule} does not give {dtstart.date()}"
        raise plan_rule.refused("/scheduledAt", message)
    return follows


def same_day(rule: Rule, before: date, after: date) -> Rule:
    """A rule that names just the day of one start, for another day."""
    if len(rule.byday) == 1 and not rule.bymonthday:
        ordinal = rule.byday[0].ordinal
        nth = (after.day - 1) // 7 + 1 if ordinal > 0 and rule.freq is Frequency.MONTHLY else ordinal
        return replace(rule, byday=(ByDay(nth, Weekday(after.weekday())),))
    if rule.bymonthday == (before.day,) and not rule.byday:
        month = (after.month,) if rule.bymonth == (before.month,) else rule.bymonth
        return replace(rule, bymonthday=(after.day,), bymonth=month)
    return rule


def until_day(rule: Rule, series: Series, clockwork: Clockwork, dtstart: datetime) -> Rule:
    """UNTIL as the last local day that has a session, where times or days change: it stays that day, moved along."""
    same = dtstart == series.dtstart and clockwork.zone == series.zone
    if same or not isinstance(rule.until, datetime) or rule.freq not in DAYS or rule.byhour:
        return rule
    until = rule.until if rule.until.tzinfo is None else recurrence.wall_time(rule.until, series.zone)
    last = until.date() if until.time() >= series.dtstart.time() else until.date() - timedelta(days=1)
    return replace(rule, until=last + (dtstart.date() - series.dtstart.date()))
