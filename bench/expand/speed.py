"""From text to sessions: windows of young, old, mixed and far plans, long iteration, and what age costs.

A row is one rule. Its time is, for each engine, the median over the cases; its ratio is the one median by the other.
The figure of a measure is the geometric mean of the ratios of all rows, so that every rule counts the same.
"""

from collections.abc import Iterable
from statistics import median
from typing import Final

from bench.expand import agreement, engines, plans
from bench.expand.plans import Case, Pattern
from bench.expand.row import Row
from bench.timing import REPEATS, Subject, compare, constant
from recurrence import Series

MANY: Final = 2_000  # sessions of a long iteration
FEW: Final = 200  # of a yearly rule: two centuries


def short(repeats: int = REPEATS) -> list[Row]:
    """Plans begun under eight weeks before the end of a window of four weeks."""
    return [row("short", pattern, plans.cases(pattern, plans.YOUNG), repeats) for pattern in plans.PATTERNS]


def old(repeats: int = REPEATS) -> list[Row]:
    """The same windows, every plan begun eight years before."""
    return [row("old", pattern, plans.old_cases(pattern), repeats) for pattern in plans.PATTERNS]


def mixed(repeats: int = REPEATS) -> list[Row]:
    """The same windows, plans of all ages up to eight years."""
    return [row("mixed", pattern, plans.cases(pattern, plans.MIXED), repeats) for pattern in plans.PATTERNS]


def far(repeats: int = REPEATS) -> list[Row]:
    """Daily since 1990, one week."""
    pattern = plans.PATTERNS[0]
    return [row("far", pattern, plans.cases(pattern, plans.FAR, plans.WEEK), repeats)]


def row(measure: str, pattern: Pattern, cases: Iterable[Case], repeats: int = REPEATS) -> Row:
    """One pattern in all its cases. Raises Disagreement."""
    found = []
    sessions = 0
    for case in cases:
        sessions += agree(case)
        found.append(compare(window_subjects(case), repeats=repeats))
    return Row(measure=measure, rule=pattern.name, seconds=medians(found), sessions=sessions)


def agree(case: Case) -> int:
    """How many sessions a case has. Raises Disagreement."""
    question = f"{case.pattern.name} from {case.start}, window from {case.since}"
    agreement.same_bulk(question, case.text, *case.instants)
    return agreement.same(question, engines.ours((case.text, *case.instants)), engines.dateutil(dateutil_asked(case)))


def dateutil_asked(case: Case) -> engines.Window:
    """What dateutil gets."""
    return case.text, *case.locals


def window_subjects(case: Case) -> dict[str, Subject]:
    """The engines, each with its form of the window."""
    start, end = case.instants
    text = case.text
    return {
        "dateutil": constant(engines.dateutil, dateutil_asked(case)),
        "ours": constant(engines.ours, (text, start, end)),
        "bulk": Subject(call=engines.bulk, supply=lambda: (Series.from_ical(text), start, end)),
        "rie": constant(engines.rie, (case.calendar, start, end)),
    }


def medians(found: list[dict[str, float]]) -> dict[str, float]:
    """The median of each engine."""
    return {name: median(times[name] for times in found) for name in found[0]}


def iterate(repeats: int = REPEATS) -> list[Row]:
    """The first so many sessions of each pattern, one after the other."""
    return [iteration(pattern, FEW if pattern.rule == plans.YEARLY else MANY, repeats) for pattern in plans.PATTERNS]


def iteration(pattern: Pattern, limit: int, repeats: int = REPEATS) -> Row:
    """One pattern. Raises Disagreement."""
    case = plans.cases(pattern, plans.YOUNG)[0]
    ours = (case.text, plans.instant(case.start), limit)
    theirs = engines.dateutil_first((case.text, limit + 9))  # some of them share an instant
    question = f"{limit} sessions of {pattern.name} from {case.start}"
    sessions = agreement.same(question, engines.ours_first(ours), theirs, limit)
    subjects = {
        "dateutil": constant(engines.dateutil_first, (case.text, limit)),
        "ours": constant(engines.ours_first, ours),
    }
    return Row(measure="iterate", rule=pattern.name, seconds=compare(subjects, repeats=repeats), sessions=sessions)


def age(repeats: int = REPEATS) -> list[Row]:
    """Our time for the same windows, plans begun eight weeks and eight years before."""
    return [aged(pattern, repeats) for pattern in plans.PATTERNS]


def aged(pattern: Pattern, repeats: int = REPEATS) -> Row:
    """One pattern. Raises Disagreement."""
    found = []
    sessions = 0
    for case in plans.cases(pattern, plans.YOUNG):
        ages = {"weeks": plans.aged(case, plans.EIGHT_WEEKS), "years": plans.aged(case, plans.EIGHT_YEARS)}
        sessions += sum(map(agree, ages.values()))
        subjects = {name: constant(engines.ours, (at.text, *at.instants)) for name, at in ages.items()}
        found.append(compare(subjects, repeats=repeats))
    return Row(measure="age", rule=pattern.name, seconds=medians(found), sessions=sessions)
