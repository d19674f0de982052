"""A row for each field: what is taken and what it becomes, and a wrong value with the place where it is told."""

from typing import Any

import pytest
from pydantic import ValidationError

from api_stub import faults, plan_draft
from api_stub.errors import Invalid
from api_stub.plan_body import PlanBody
from services.plan_draft import PlanDraft
from tests.fields import ENTITY, ONCE, OURS, Row

ROWS = [pytest.param(row, id=row.field) for row in (*ENTITY, *OURS)]


def draft_of(body: dict[str, Any]) -> PlanDraft:
    return plan_draft.of_body(PlanBody.model_validate(body), "Asia/Seoul")


def held(draft: PlanDraft, name: str) -> object:
    return getattr(draft, name) if hasattr(draft, name) else getattr(draft.series, name)


def wrong(row: Row) -> dict[str, Any]:
    several = isinstance(row.wrong, dict) and row.field in row.wrong
    return row.beside | (row.wrong if several else {row.field: row.wrong})


def test_the_table_has_the_46_fields_and_every_other_one_that_a_body_may_have() -> None:
    names = [row.field for row in (*ENTITY, *OURS)]
    known = set(PlanBody.model_json_schema()["properties"])

    assert len(ENTITY) == 46
    assert len(names) == len(set(names))
    assert known - set(names) == {"onClash", "clash"}
    assert set(names) <= known


@pytest.mark.parametrize("row", ROWS)
def test_a_value_becomes_what_the_services_get(row: Row) -> None:
    draft = draft_of(row.beside | {row.field: row.value})

    assert {name: held(draft, name) for name in row.becomes} == row.becomes


@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_value_is_refused_where_it_stands(row: Row) -> None:
    with pytest.raises((Invalid, ValidationError)) as caught:
        draft_of(wrong(row))

    error = caught.value
    assert isinstance(error, Invalid | ValidationError)
    told = error.faults if isinstance(error, Invalid) else faults.of_model(error)
    assert {fault.pointer for fault in told} == {row.pointer}
    assert all("got " in fault.message for fault in told), told


@pytest.mark.parametrize("row", [pytest.param(row, id=row.field) for row in (*ENTITY, *OURS) if row.field not in ONCE])
def test_null_is_as_good_as_left_out(row: Row) -> None:
    assert draft_of(ONCE | {row.field: None}) == draft_of(ONCE)
