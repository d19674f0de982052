"""The schedule follows from the seed alone, and fits into the run."""

from tests.chaos.plans import MOVE, TAIL, Load, Verb
from tests.chaos.reworked import schedule

LOAD = Load()


def test_the_same_seed_gives_the_same_plans_and_edits() -> None:
    assert schedule(7, 30, LOAD) == schedule(7, 30, LOAD)
    assert schedule(7, 30, LOAD) != schedule(8, 30, LOAD)


def test_every_short_session_is_over_soon_after_the_run() -> None:
    plans, _ = schedule(7, 30, LOAD)
    short = [plan for plan in plans if plan.step is None or plan.count > 1]

    ends = [plan.starts + plan.lasts + (plan.count - 1) * (plan.step.seconds if plan.step else 0) for plan in short]

    assert max(ends) <= 30 + TAIL
    assert TAIL >= MOVE


def test_a_minute_holds_thousands_of_lives_and_every_kind_of_edit() -> None:
    plans, edits = schedule(7, 60, LOAD)

    assert sum(plan.count for plan in plans) > 2000
    assert {edit.verb for edit in edits} == set(Verb)


def test_most_edits_are_aimed_at_the_very_instant() -> None:
    plans, edits = schedule(7, 60, LOAD)
    instants = {plan.number: (plan.starts, plan.starts + plan.lasts) for plan in plans if plan.step is None}
    aimed = [edit for edit in edits if edit.plan in instants and edit.verb is not Verb.MARK]

    near = [edit for edit in aimed if min(abs(edit.at - instant) for instant in instants[edit.plan]) < 0.02]

    assert len(near) > len(aimed) / 2


def test_some_plans_are_made_at_the_very_instant_at_which_they_start() -> None:
    plans, _ = schedule(7, 60, LOAD)

    assert sum(abs(plan.post_at - plan.starts) < 0.02 for plan in plans) > 10
