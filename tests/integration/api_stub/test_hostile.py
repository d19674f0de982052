"""What is not HTTP, not JSON, too large or too often: a clear refusal each time, and the next request is answered."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, serving

MIB = 1 << 20
RAW = "HTTP/1.1\r\nHost: x\r\n"


def raw(server: str, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case) and body of what the server answers to these bytes."""
    there = urlsplit(server)
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        with connection.makefile("rb") as told:
            status = int(told.readline().split()[1])
            headers: dict[str, str] = {}
            while line := told.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            return status, headers, told.read(int(headers.get("content-length", 0)))


def problem(answer: tuple[int, dict[str, str], bytes], status: int) -> dict[str, Any]:
    """The body of an answer that refuses as RFC 9457 has it."""
    assert answer[0] == status, answer
    assert answer[1]["content-type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer[2])
    assert (body["status"], body["requestId"]) == (status, answer[1]["x-request-id"])
    assert {"type", "title", "detail", "code", "errors"} <= set(body)
    return body


@pytest.mark.parametrize(
    "sent, status, code",
    [
        (f"GET /{'x' * 9000} {RAW}\r\n", 414, "address_too_long"),
        (f"GET /healthz {RAW}X: {'x' * 9000}\r\n\r\n", 431, "headers_too_large"),
        (f"GET /healthz {RAW}" + "X: y\r\n" * 200 + "\r\n", 431, "headers_too_large"),
        ("nonsense\r\n\r\n", 400, "malformed"),
        ("GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", 400, "malformed"),
        ("get^ /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed"),
        (f"GET /healthz {RAW}no colon\r\n\r\n", 400, "malformed"),
        (f"GET /healthz {RAW}X: a\x00b\r\n\r\n", 400, "malformed"),
        (f"POST /healthz {RAW}Transfer-Encoding: x\r\n\r\n", 501, "not_implemented"),
        (f"POST /healthz {RAW}Content-Length: -1\r\n\r\n", 400, "malformed"),
        (f"POST /healthz {RAW}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "malformed"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_http_is_a_problem_too(server: str, sent: str, status: int, code: str) -> None:
    assert problem(raw(server, sent.encode("latin-1")), status)["code"] == code
    assert httpx.get(f"{server}/healthz").status_code == 200


def asked(admin: httpx.Client, more: str) -> bytes:
    """The head of a POST by an admin."""
    key = admin.headers["Authorization"]
    return f"POST /api/v1/spaces {RAW}Authorization: {key}\r\nContent-Type: application/json\r\n{more}\r\n\r\n".encode()


def test_a_body_without_a_length_may_not_be_larger_either(server: str, admin: httpx.Client) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    answer = raw(server, asked(admin, "Transfer-Encoding: chunked") + chunk * 17 + b"0\r\n\r\n")

    assert problem(answer, 413)["code"] == "too_large"


def test_a_body_that_says_it_is_larger_is_refused_unread(server: str, admin: httpx.Client) -> None:
    answer = raw(server, asked(admin, f"Content-Length: {MIB + 1}"))

    assert problem(answer, 413)["code"] == "too_large"


@pytest.mark.parametrize(
    "size, path, key, status, kept",
    [
        (MIB + 1, "/spaces", {}, 413, "close"),
        (MIB // 2, "/spaces", {"Authorization": "Bearer sb_no"}, 401, "close"),
        (MIB // 2, "/nothing", {}, 404, "close"),
        (1000, "/nothing", {}, 404, "keep-alive"),
    ],
    ids=["large", "stranger", "nowhere", "short"],
)
def test_the_next_request_is_answered_after_a_body_that_was_refused_unread(
    admin: httpx.Client, size: int, path: str, key: dict[str, str], status: int, kept: str
) -> None:
    for _ in range(3):
        answer = admin.post(path, content=b" " * size, headers={"Content-Type": "application/json"} | key)

        assert (checked(answer, status)["status"], answer.headers["Connection"]) == (status, kept)
        assert admin.get("/spaces").status_code == 200


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\nab\r\n", b"5;\r\nabcde"], ids=repr)
def test_a_chunk_that_is_none_is_refused(server: str, admin: httpx.Client, chunk: bytes) -> None:
    there = urlsplit(server)
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=30) as connection:
        connection.sendall(asked(admin, "Transfer-Encoding: chunked") + chunk)
        connection.shutdown(socket.SHUT_WR)
        told = connection.makefile("rb").read()

    assert told == b"" or 400 <= int(told.split()[1]) < 500, told


def test_a_body_of_just_one_mib_is_read(admin: httpx.Client) -> None:
    body = b'{"name": "x", "description": "' + b"y" * (MIB - 32) + b'"}'
    assert len(body) == MIB

    answer = admin.post("/spaces", content=body, headers={"Content-Type": "application/json"})

    assert checked(answer, 422)["errors"][0]["pointer"] == "/description"


@pytest.mark.parametrize("inner", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_a_body_of_depth_ten_thousand_is_refused(admin: httpx.Client, inner: str) -> None:
    for method, path in (("POST", "/sessions"), ("POST", "/spaces"), ("PATCH", "/sessions/removedAt")):
        answer = admin.request(
            method, path, content=f'{{"title": {inner}}}', headers={"Content-Type": "application/json"}
        )

        assert checked(answer, 400)["code"] == "malformed"


PLAN = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}


@pytest.mark.parametrize(
    "fields",
    [
        {"recurrence": {"rrule": "FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 33_000)}},
        {"recurrence": {"rrule": "FREQ=DAILY", "exdates": ["2030-01-07T18:00:00Z"] * 10_000}},
        {"recurringFrequency": "DAILY", "recurringExceptionDates": ",".join(["2030-01-07T18:00"] * 10_000)},
        {"participants": ["0198c0de-0000-7000-8000-000000000001"] * 1001},
        {"title": "x" * 201},
        {"title": 7},
        {"description": "x" * 10_001},
        {"scheduledAt": "0001-01-01T00:00:00Z"},
        {"scheduledAt": "9999-12-31T23:59:59Z"},
        {"scheduledAt": "0001-01-01T00:00:00+23:59"},
        {"scheduledAt": "9999-12-31T23:59:59-23:59"},
        {"scheduledAt": "2030-01-07T18:00:00+24:00"},
        {"duration": "P99999999999D"},
        {"timeZone": "../../etc/passwd"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_a_plan_of_absurd_size_is_refused_and_nothing_is_made(admin: httpx.Client, fields: dict[str, Any]) -> None:
    before = checked(admin.get("/sessions/changes", params={"latest": "true"}), 200)["nextCursor"]

    checked(admin.post("/sessions", json=PLAN | fields), 422)

    assert checked(admin.get("/sessions/changes", params={"cursor": before}), 200)["data"] == []


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udfff\\ud800", "a\\u0000b"])
@pytest.mark.parametrize("body", ['{{"name": "{0}"}}', '{{"{0}": 1}}', '{{"name": ["{0}"]}}'])
def test_text_that_can_not_be_stored_is_refused_wherever_it_stands(
    admin: httpx.Client, make: Make, text: str, body: str
) -> None:
    space = make("spaces")["id"]
    for method, path in (("POST", "/spaces"), ("PATCH", f"/spaces/{space}"), ("POST", "/sessions"), ("POST", "/keys")):
        sent = admin.request(method, path, content=body.format(text), headers={"Content-Type": "application/json"})

        assert checked(sent, 422)["code"] == "invalid_field"


@pytest.mark.parametrize("query", ["cursor=%00", "%00=x", "limit=%00", "cursor=%ED%A0%80", "cursor=%FF", "limit=٣"])
def test_a_query_that_can_not_be_read_is_refused(admin: httpx.Client, query: str) -> None:
    for path in ("/sessions", "/spaces", "/sessions/changes", "/keys"):
        assert checked(admin.get(f"{path}?{query}"), 422)["code"] == "invalid_field"


@pytest.mark.parametrize("path", ["/api/v1/sessions", "/docs", "/openapi/openapi.json", "/healthz", "/nothing"])
def test_every_answer_guards_its_reader(server: str, admin: httpx.Client, path: str) -> None:
    headers = httpx.get(server + path, headers={"Authorization": admin.headers["Authorization"]}).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Request-Id"]
    assert "private" in headers["Cache-Control"]


@pytest.fixture(scope="module")
def strict(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An API that lets a key make twenty requests at once, and one more in a thousand seconds."""
    log = tmp_path_factory.mktemp("strict") / "api.log"
    few = {"SESSIONBEAT_RATE_PER_S": "0.001", "SESSIONBEAT_RATE_BURST": "20"}
    with serving(module_database_url, log, **few) as address:
        yield address


def test_who_asks_too_often_is_told_when_to_ask_again(strict: str, clients: dict[str, httpx.Client]) -> None:
    def ask(_: int) -> httpx.Response:
        return httpx.get(f"{strict}/api/v1/spaces", headers=dict(clients["viewer"].headers), timeout=30)

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(ask, range(60)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 40
    for answer in refused:
        assert checked(answer, 429)["code"] == "rate_limited"
        assert 900 < int(answer.headers["Retry-After"]) <= 1000
    other = httpx.get(f"{strict}/api/v1/spaces", headers=dict(clients["staff"].headers))
    assert other.status_code == 200
    assert httpx.get(f"{strict}/healthz").status_code == 200


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_is_in_the_log(
    module_database_url: str, tmp_path: Path, clients: dict[str, httpx.Client], log_format: str
) -> None:
    log = tmp_path / "api.log"
    keys = [client.headers["Authorization"].removeprefix("Bearer ") for client in clients.values()]
    told = {"SESSIONBEAT_LOG_LEVEL": "DEBUG", "SESSIONBEAT_LOG_FORMAT": log_format}
    with serving(module_database_url, log, **told) as server:
        admin = httpx.Client(base_url=f"{server}/api/v1", headers=dict(clients["admin"].headers), timeout=30)
        with admin:
            keys.append(checked(admin.post("/keys", json={"role": "viewer"}), 201)["key"])
            for key in keys:
                admin.get("/sessions", params={"token": key})
                admin.get(f"/sessions/{key}")
                admin.post("/spaces", json={"name": key, key: key})
                httpx.get(f"{server}/{key}")
                raw(server, f"GET /{key}{'x' * 9000} {RAW}\r\n".encode())
                raw(server, f"GET^ /?token={key} {RAW}{key}\r\n\r\n".encode())
    password = urlsplit(module_database_url).password
    assert password
    written = log.read_text()

    assert "request_refused" in written
    assert [secret[:12] for secret in [*keys, password] if secret in written] == []
