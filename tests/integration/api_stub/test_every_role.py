"""Every call with a key of every role: what docs/manners.md says, and nothing else."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from flask_openapi3.openapi import OpenAPI

from api_stub import door, roles
from api_stub.app import create_app
from config.settings import Settings
from db.models import Role
from tests.integration.api_stub.conftest import ROOT

ROW = re.compile(r"\| `(GET|POST|PUT|PATCH|DELETE) (/\S*)` \|(.*)\|")
NOBODYS = "0198c0de-0000-7000-8000-000000000001"
PREFIX = "/api/v1"


class Call(NamedTuple):
    """A method and a path as the docs write it."""

    method: str
    path: str


def told() -> dict[Call, set[Role]]:
    """Who may make which call, as the docs say."""
    found = {}
    for method, path, cells in ROW.findall((ROOT / "docs" / "manners.md").read_text()):
        may = {role for role, cell in zip(Role, cells.split("|"), strict=True) if cell.strip() == "yes"}
        for kind in roles.KINDS if "{kind}" in path else ("",):
            found[Call(method, path.replace("{kind}", kind))] = may
    return found


TOLD = told()


@pytest.fixture
def app(module_database_url: str) -> Iterator[OpenAPI]:
    """The app, to be asked for its calls."""
    app = create_app(Settings(database_url=module_database_url))
    yield app
    app.extensions[door.NAME].engine.dispose()


def test_the_docs_name_every_call(app: OpenAPI) -> None:
    calls = {
        Call(method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert set(TOLD) == calls


@pytest.mark.parametrize("call", sorted(TOLD), ids=" ".join)
def test_a_role_may_do_what_the_docs_say(clients: dict[str, httpx.Client], call: Call) -> None:
    path = re.sub(r"{\w+}", NOBODYS, call.path)

    answers = {role: clients[role.value].request(call.method, path, json={}) for role in Role}

    assert 401 not in {answer.status_code for answer in answers.values()}
    assert {role for role, answer in answers.items() if answer.status_code != 403} == TOLD[call]
    assert all(answer.json()["code"] == "forbidden" for answer in answers.values() if answer.status_code == 403)
