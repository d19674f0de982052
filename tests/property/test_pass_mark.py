"""What a pass mark needs, compared with trying out every way in which the rest may go."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services import pass_mark
from services.pass_mark import Record

MARKS = st.sampled_from([Fraction("0.8"), Fraction("0.75"), Fraction("0.05"), Fraction(1, 3), Fraction(1)])
FEW = st.integers(0, 12)


def rate(came: int, absent: int, drop: int) -> Fraction | None:
    """The rate of these sessions without the worst."""
    kept = sorted([1] * came + [0] * absent)[drop:]
    return Fraction(sum(kept), len(kept)) if kept else None


@given(came=FEW, absent=FEW, to_come=FEW, drop=st.integers(0, 4), mark=MARKS)
def test_what_is_needed_is_the_fewest_that_reach_the_mark(
    came: int, absent: int, to_come: int, drop: int, mark: Fraction
) -> None:
    ends = [rate(came + attended, absent + to_come - attended, drop) for attended in range(to_come + 1)]
    enough = [attended for attended, reached in enumerate(ends) if reached is not None and reached >= mark]

    found = pass_mark.standing(Record(came, absent), to_come, mark, drop)

    today = rate(came, absent, drop)
    assert found.on_track == (None if today is None else today >= mark)
    if ends[0] is None:
        assert (found.can_still_pass, found.needed_from_here) == (None, None)
    else:
        assert found.can_still_pass == bool(enough)
        assert found.needed_from_here == (enough[0] if enough else None)


def test_without_an_end_nobody_can_say_what_is_needed() -> None:
    found = pass_mark.standing(Record(8, 2), None, Fraction("0.8"))

    assert found == pass_mark.Standing(None, True, None, None)


def test_a_mark_is_met_exactly_by_its_own_fraction() -> None:
    found = pass_mark.standing(Record(4, 1), 0, Fraction("0.8"))

    assert (found.on_track, found.can_still_pass, found.needed_from_here) == (True, True, 0)
