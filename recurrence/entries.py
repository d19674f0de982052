"""RDATE's and EXDATE's entries as a series keeps them: one meaning has one value, in order, none twice."""

from contextlib import suppress
from datetime import datetime
from operator import attrgetter
from typing import Final

from recurrence.errors import RecurrenceError
from recurrence.moment import Moment, Period, format_moment, whole_seconds

ORDER: Final = attrgetter("order")


def entries(part: str, moments: tuple[Moment, ...], all_day: bool, is_utc: bool) -> tuple[Moment, ...]:
    """The entries of one part of a series that is all-day, or of UTC. Raises RecurrenceError, naming the part."""
    kept = [entry(part, moment, all_day, is_utc) for moment in moments]
    if len(kept) == 1:
        return tuple(kept)
    periods = [moment for moment in kept if isinstance(moment, Period)]
    with suppress(TypeError):  # where not all are of one kind, as most are
        if not periods:
            return tuple(dict.fromkeys(sorted(kept)))  # type: ignore[type-var]  # there are no periods
        if len(periods) == len(kept):
            return tuple({period.order: period for period in sorted(periods, key=ORDER)}.values())
    known = {format_moment(moment): moment for moment in kept}
    return tuple([known[text] for text in sorted(known)])


def entry(part: str, moment: Moment, all_day: bool, is_utc: bool) -> Moment:
    """One value in the form that the series keeps."""
    if isinstance(moment, datetime) and moment.tzinfo is None and not (moment.microsecond or moment.fold or all_day):
        return moment
    if isinstance(moment, Period):
        if part == "EXDATE" or all_day:
            raise RecurrenceError(part, format_moment(moment), "a date or time" if not all_day else "a date")
        return moment
    if isinstance(moment, datetime):
        moment = whole_seconds(moment, part)
        if is_utc and moment.tzinfo:
            moment = moment.replace(tzinfo=None)
        if all_day and moment.tzinfo is None and moment.time() == datetime.min.time():
            return moment.date()
    if all_day and part == "RDATE" and isinstance(moment, datetime):
        raise RecurrenceError(part, format_moment(moment), "a date, for an all-day series")
    return moment
