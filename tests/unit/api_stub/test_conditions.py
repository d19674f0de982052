"""What a change is asked for on condition of."""

import re

import pytest
from flask import Flask

from api_stub import answer, conditions
from api_stub.errors import Stale

PLAN = "0198c0de-0000-7000-8000-000000000001"
SESSION = f"{PLAN}_20260105T180000"
DIGEST = "0a1b2c3d4e5f6071"


def tag(version: int, id_: str = SESSION) -> str:
    """The tag of a version of a plan or session, as an answer has it."""
    return f"{version}-{answer.mark(id_, version)}.{DIGEST}"


@pytest.fixture
def asked() -> Flask:
    """An app with a path of a session."""
    app = Flask("test")
    app.add_url_rule("/sessions/<id>", "get", lambda id: id)
    return app


@pytest.mark.parametrize(
    "given, versions",
    [
        (None, None),
        ("*", None),
        ('"{3}"', {3}),
        ('W/"{12}"', {12}),
        ("{3}", {3}),
        ('"{3}", "{4}","x"', {3, 4}),
        ('"{plan}"', {5}),
        ('"{sister}"', set()),
        ("", set()),
        ("x", set()),
        ('""', set()),
        ('"1"', set()),
        ('"x-y"', set()),
        ('"-1"', set()),
        ('"²-x"', set()),
        (f'"1-00000000.{DIGEST}"', set()),
        (f'"9999999999-00000000.{DIGEST}"', set()),
    ],
)
def test_a_session_is_compared_by_the_version_alone(asked: Flask, given: str | None, versions: set[int] | None) -> None:
    with asked.test_request_context():
        tags = {"plan": tag(5, PLAN), "sister": tag(6, f"{PLAN}_20260106T180000")}
        tags |= {str(version): tag(version) for version in (3, 4, 12)}
    header = {} if given is None else {"If-Match": re.sub(r"{(\w+)}", lambda name: tags[name[1]], given)}

    with asked.test_request_context(f"/sessions/{SESSION}", headers=header):
        assert conditions.versions() == versions


@pytest.mark.parametrize("given", [None, "*", '"0-a"', '"x", "0-a"'])
def test_what_matches_may_be_changed(given: str | None) -> None:
    with Flask("test").test_request_context(headers={} if given is None else {"If-Match": given}):
        conditions.check("0-a")


@pytest.mark.parametrize("given", ["", '"0-b"', '"x", "y"'])
def test_what_does_not_match_may_not(given: str) -> None:
    with Flask("test").test_request_context(headers={"If-Match": given}), pytest.raises(Stale):
        conditions.check("0-a")
