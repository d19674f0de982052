"""The OpenAPI document is whole, and the one in `docs/` is the one that is answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from api_stub import document, schema
from launcher.place import PROJECT


@pytest.fixture
def told(app: OpenAPI) -> dict[str, Any]:
    """The document as a client gets it."""
    answered: dict[str, Any] | None = app.test_client().get("/openapi/openapi.json").json
    assert answered is not None
    return answered


def successes(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for call in document.calls(told):
        for status, answer in call["responses"].items():
            if status < "308":
                yield call["operationId"], status, answer


def test_the_document_in_the_repository_is_the_one_that_is_answered(told: dict[str, Any]) -> None:
    assert (PROJECT / "docs" / "openapi.json").read_text() == document.text_of(told), "make openapi"


def test_every_field_and_parameter_says_what_it_means(told: dict[str, Any]) -> None:
    fields = [
        f"{name}.{field}"
        for name, kind in told["components"]["schemas"].items()
        for field, part in kind.get("properties", {}).items()
        if not part.get("description")
    ]
    parameters = [
        f"{call['operationId']} {one['name']}"
        for call in document.calls(told)
        for one in call.get("parameters", ())
        if not one.get("description")
    ]

    assert (fields, parameters) == ([], []), "api_stub/words.py"


def test_every_call_tells_the_shape_of_its_answer(told: dict[str, Any]) -> None:
    shapeless = [
        f"{call} {status}"
        for call, status, answer in successes(told)
        if status not in schema.EMPTY and answer["content"] == schema.OBJECT
    ]

    assert shapeless == []


def test_every_call_tells_every_refusal_as_a_problem(told: dict[str, Any]) -> None:
    refusals = told["components"]["responses"]

    for call in document.calls(told):
        assert set(call["responses"]) >= set(schema.REFUSALS), call["operationId"]
    assert all(answer["content"] == schema.PROBLEM for answer in refusals.values())


def test_every_call_has_a_name_of_its_own(told: dict[str, Any]) -> None:
    names = [call["operationId"] for call in document.calls(told)]

    assert len(names) == len(set(names))
