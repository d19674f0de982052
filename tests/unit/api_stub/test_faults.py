"""A refusal says what was got as the wire had it."""

from typing import Any

import pytest
from pydantic import ValidationError

from api_stub import faults
from api_stub.plan_body import PlanBody

ONCE = {"title": "Pilates", "scheduledAt": "2026-01-05T18:00", "duration": "PT50M"}


@pytest.mark.parametrize(
    "field, value, got",
    [
        ("scheduledAt", None, "got null,"),
        ("title", None, "got null,"),
        ("title", 3, "got 3,"),
        ("spaceId", True, "got true,"),
        ("autoEnd", "no", "got 'no',"),
        ("participants", {"a": None}, 'got {"a": null},'),
        ("type", "NEVER", "got 'NEVER',"),
    ],
)
def test_what_was_got_is_told_as_it_came(field: str, value: Any, got: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PlanBody.model_validate(ONCE | {field: value})

    [fault] = [one for one in faults.of_model(caught.value) if one.pointer == f"/{field}"]
    assert fault.message.startswith(got)
