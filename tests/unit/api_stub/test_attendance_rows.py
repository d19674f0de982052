"""A file of marks is read line by line: what is wrong in one line loses no other."""

import pytest

from api_stub import attendance_rows
from api_stub.errors import Malformed
from services.attendance_import import Delivered

PLAN, ADA = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
GOOD = f"{PLAN}_20260105T180000,{ADA},PRESENT"
HEAD = "sessionId,userId,status"


def read(*lines: str, end: str = "\n") -> list[Delivered]:
    return attendance_rows.read(end.join(lines).encode(), "text/csv")


def good(*lines: str, end: str = "\n") -> list[int]:
    """The lines that say something."""
    return [one.line for one in read(*lines, end=end) if one.problem is None]


@pytest.mark.parametrize(
    "odd", [f'"{GOOD}', f'{GOOD},"', f'{PLAN}_20260105T180000,"{ADA},LATE', f'"{PLAN}"x,{ADA},LATE']
)
@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_a_quote_that_is_not_closed_spoils_its_own_line_alone(odd: str, again: bool) -> None:
    lines = [HEAD, GOOD, odd, *[GOOD] * 5, odd if again else GOOD, GOOD]

    found = read(*lines)

    assert [one.line for one in found] == list(range(2, 11))
    assert [one.line for one in found if one.problem is not None] == ([3, 9] if again else [3])


def test_a_value_in_quotes_may_go_over_lines() -> None:
    lines = [
        f"{HEAD},note",
        f'{GOOD},"came by bus,',
        'and ""late"""',
        f"{GOOD},",
        f'"{PLAN}_20260105T180000",{ADA},LATE,x',
    ]

    assert good(*lines) == [2, 4, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_ends_as_any_system_ends_it(end: str) -> None:
    assert good(HEAD, GOOD, "", GOOD, "", end=end) == [2, 4]


def test_a_head_with_an_open_quote_names_no_columns() -> None:
    with pytest.raises(Malformed, match="line 1"):
        read(f'"{HEAD}', GOOD)
