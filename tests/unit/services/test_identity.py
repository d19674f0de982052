"""An id names a plan or one session of it, and reads back as what it names."""

from datetime import datetime
from uuid import UUID

import pytest

from services import identity
from services.errors import NotFound

SERIES = UUID("01a20525-280f-71d6-9efb-6ae9d5c7ba58")


@pytest.mark.parametrize("local", [None, datetime(2026, 11, 30, 18), datetime(1, 1, 1)])
def test_an_id_reads_back_as_what_it_names(local: datetime | None) -> None:
    assert identity.parse_id(identity.format_id(SERIES, local)) == (SERIES, local)


def test_an_id_has_the_local_start_after_an_underscore() -> None:
    assert identity.format_id(SERIES, datetime(2026, 11, 30, 18)) == f"{SERIES}_20261130T180000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        str(SERIES).upper(),
        f"{SERIES}_",
        f"{SERIES}_20261130",
        f"{SERIES}_20261330T180000",
        f"{SERIES}_２0261130T180000",
    ],
)
def test_a_text_that_is_no_id_names_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        identity.parse_id(text)


def test_a_uid_names_a_plan_or_a_later_segment_of_it() -> None:
    series_id = UUID("0198c0de-0000-7000-8000-000000000001")
    ours = f"{series_id}@sessionbeat"
    later = identity.format_uid(series_id, None, datetime(2026, 1, 5, 18))

    assert (identity.format_uid(series_id, None), identity.format_uid(series_id, "abc@elsewhere")) == (
        ours,
        "abc@elsewhere",
    )
    assert later == f"{ours}/20260105T180000"
    assert (identity.of_plan(later), identity.of_plan("a/b@elsewhere")) == (ours, "a/b@elsewhere")
    assert (identity.series_of(ours), identity.series_of(later)) == (series_id, series_id)
    assert identity.series_of("abc@elsewhere") is identity.series_of("abc@sessionbeat") is None
    assert identity.series_of(str(series_id)) is None
