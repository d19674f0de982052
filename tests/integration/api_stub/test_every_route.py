"""Every address of the API: what it takes, what it takes no more than, and nothing but problems where it refuses."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from api_stub import roles
from api_stub.app import create_app
from config.settings import Settings
from tests.integration.api_stub.conftest import checked

NOBODYS = "0198c0de-0000-7000-8000-000000000001"


class Route(NamedTuple):
    """A call: its name, its method, and an address of it that names nothing."""

    name: str
    method: str
    path: str


def routes() -> Iterator[Route]:
    """Every call of the app."""
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing"))
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(rule.endpoint, method, re.sub(r"<[^>]+>", NOBODYS, rule.rule))


ROUTES = sorted(routes())
CALLS = [pytest.param(one, id=f"{one.method} {one.path}") for one in ROUTES]
API = set(roles.LEAST) - roles.PUBLIC_HERE
KEYED = [pytest.param(one, id=f"{one.method} {one.path}") for one in ROUTES if one.name in API]
"""Those of the API itself; whoever scrapes `/metrics` may add parameters of its own."""

PATHS = sorted({one.path for one in ROUTES})


@pytest.fixture
def anywhere(server: str, admin: httpx.Client) -> Iterator[httpx.Client]:
    """An admin who may name any address of the server."""
    with httpx.Client(base_url=server, headers=admin.headers, timeout=30) as client:
        yield client


@pytest.mark.parametrize("route", KEYED)
def test_a_parameter_that_a_call_does_not_have_is_refused_by_name(anywhere: httpx.Client, route: Route) -> None:
    kind = "text/calendar" if route.name == "calendar.import_calendar" else "application/json"

    refused = anywhere.request(
        route.method, route.path, params={"colour": "red"}, headers={"Content-Type": kind}, content="{}"
    )

    problem = checked(refused, 422)
    assert "/colour" in {fault["pointer"] for fault in problem["errors"]}


@pytest.mark.parametrize("path", PATHS)
def test_options_is_a_bare_204_that_names_the_methods(server: str, path: str) -> None:
    answer = httpx.options(f"{server}{path}")

    methods = {one.method for one in ROUTES if one.path == path}
    assert (answer.status_code, answer.content, "Content-Type" in answer.headers) == (204, b"", False)
    assert methods <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
def test_another_method_is_a_405_that_names_those_there_are(anywhere: httpx.Client, path: str) -> None:
    refused = anywhere.request("TRACE", path)

    assert checked(refused, 405)["code"] == "method_not_allowed"
    assert {one.method for one in ROUTES if one.path == path} <= set(refused.headers["Allow"].split(", "))


@pytest.mark.parametrize("route", CALLS)
@pytest.mark.parametrize(
    "wrong", ["{path}/", "{cut}/{last}", "{path}/..%2f", "{cut}..%2f/{last}", "{path}%2f%2fcancel"]
)
def test_an_address_that_is_not_quite_right_is_a_problem(anywhere: httpx.Client, route: Route, wrong: str) -> None:
    cut, _, last = route.path.rpartition("/")
    path = wrong.format(path=route.path, cut=f"{cut}/", last=last)
    if path.startswith("//"):
        return  # the server makes one slash of it

    refused = anywhere.request(route.method, anywhere.base_url.copy_with(raw_path=path.encode()))

    assert refused.status_code in (401, 403, 404, 405), refused.text
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_as_get_is_and_without_a_body(anywhere: httpx.Client, path: str) -> None:
    if not any(one.path == path and one.method == "GET" for one in ROUTES):
        return

    asked, told = anywhere.get(path), anywhere.head(path)

    assert (told.status_code, told.content) == (asked.status_code, b"")
    assert told.headers["Content-Type"] == asked.headers["Content-Type"]


def test_the_page_says_what_this_is_and_leads_on(server: str) -> None:
    answer = httpx.get(f"{server}/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    links = set(re.findall(r'href="([^"]+)"', answer.text))
    assert links == {"/docs", "/openapi/openapi.json", "/healthz", "/readyz"}
    assert not {"<script", "http://", "https://"} & set(re.findall(r"<script|https?://", answer.text))
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    for link in links - {"/readyz"}:
        assert httpx.get(f"{server}{link}").status_code == 200
