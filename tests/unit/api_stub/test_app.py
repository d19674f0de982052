"""What the app answers without a database."""

import json
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from psycopg import errors
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

KEY = {"Authorization": "Bearer sb_whatever"}


def problem(answer: TestResponse) -> dict[str, Any]:
    """The body, if the answer is a problem as RFC 9457 has it."""
    body: dict[str, Any] = json.loads(answer.get_data())
    assert answer.content_type == "application/problem+json"
    assert set(body) >= {"type", "title", "status", "detail", "code", "errors", "requestId"}
    assert body["status"] == answer.status_code
    assert body["requestId"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in str(body)
    return body


def test_the_process_answers_without_a_database(app: OpenAPI) -> None:
    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_without_a_database_it_is_not_ready_and_says_why(app: OpenAPI) -> None:
    answer = app.test_client().get("/readyz")

    body = problem(answer)
    assert (answer.status_code, body["code"]) == (503, "not_ready")
    assert "database" in body["detail"]


def test_a_database_that_is_down_is_a_503_that_says_to_try_again(app: OpenAPI) -> None:
    answer = app.test_client().get("/api/v1/sessions", headers=KEY)

    assert problem(answer)["code"] == "unavailable"
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/sessions/", 404, "not_found"),
        ("PUT", "/api/v1/sessions", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ],
)
def test_an_unknown_path_or_method_is_a_problem(app: OpenAPI, method: str, path: str, status: int, code: str) -> None:
    answer = app.test_client().open(path, method=method)

    assert (answer.status_code, problem(answer)["code"]) == (status, code)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer nothing", "Basic sb_x", "Bearer sb_é", "Bearer sb_" + "x" * 300]
)
def test_without_a_key_nobody_gets_in(app: OpenAPI, header: str | None) -> None:
    answer = app.test_client().get("/api/v1/sessions", headers={} if header is None else {"Authorization": header})

    assert problem(answer)["code"] == "unauthorized"
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_what_nobody_expected_is_a_500_without_a_trace(app: OpenAPI) -> None:
    def broken() -> str:
        raise ZeroDivisionError("the secret inside")

    app.view_functions["healthz"] = broken

    answer = app.test_client().get("/healthz")

    assert problem(answer)["code"] == "internal"
    assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "cause, status, code",
    [
        (errors.ExclusionViolation(), 409, "conflict"),
        (errors.ForeignKeyViolation(), 409, "conflict"),
        (errors.NotNullViolation(), 500, "internal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_race_that_was_lost_is_a_conflict_and_a_fault_of_ours_is_not(
    app: OpenAPI, cause: Exception, status: int, code: str
) -> None:
    def write() -> str:
        raise IntegrityError("INSERT", {}, cause)

    app.view_functions["healthz"] = write

    answer = app.test_client().get("/healthz")

    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_the_document_is_openapi_3_1_and_lists_every_call(app: OpenAPI) -> None:
    document = app.test_client().get("/openapi/openapi.json").json

    assert document is not None
    calls = {(method, path) for path, item in document["paths"].items() for method in item}
    assert document["openapi"].startswith("3.1")
    assert ("post", "/api/v1/sessions") in calls
    assert ("put", "/api/v1/sessions/{id}/attendance/{userId}") in calls
    assert ("patch", "/api/v1/spaces/{id}") in calls
    assert "Problem" in document["components"]["schemas"]


def test_the_document_says_that_every_post_may_be_sent_twice(app: OpenAPI) -> None:
    for _ in range(2):
        document = app.test_client().get("/openapi/openapi.json").json

    assert document is not None
    taking = {
        (method, path)
        for path, item in document["paths"].items()
        for method, call in item.items()
        if [one["name"] for one in call.get("parameters", [])].count("Idempotency-Key") == 1
    }
    assert taking == {("post", path) for path, item in document["paths"].items() if "post" in item}


def test_a_path_allows_the_methods_of_its_own_calls_alone(app: OpenAPI) -> None:
    client = app.test_client()
    document = client.get("/openapi/openapi.json").json
    assert document is not None

    for path, item in document["paths"].items():
        answer = client.open(path, method="TRACE")

        assert answer.status_code == 405
        assert set(answer.allow) - {"HEAD", "OPTIONS"} == {method.upper() for method in item}, path


def test_every_reference_in_the_document_leads_somewhere(app: OpenAPI) -> None:
    document = app.test_client().get("/openapi/openapi.json").json

    assert document is not None
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(document["components"]["schemas"])


def test_the_page_of_calls_needs_nothing_from_elsewhere(app: OpenAPI) -> None:
    page = app.test_client().get("/docs").get_data(as_text=True)

    assert "POST /api/v1/sessions" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
