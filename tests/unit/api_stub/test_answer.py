"""Entity tags, and what a request's conditions make of them."""

from uuid import UUID

import pytest
from flask import Flask, g

from api_stub import answer
from db.models import Role
from services.keys import Caller

BODY = {"id": "a", "state": "SCHEDULED"}


def test_a_tag_is_the_version_and_a_digest_of_the_whole_answer() -> None:
    with Flask("test").test_request_context():
        assert answer.tag(BODY, 3).startswith("3-")
        assert answer.tag(BODY, 3) != answer.tag(BODY | {"state": "IN_PROGRESS"}, 3)
        assert answer.tag(BODY, 3) != answer.tag(BODY, 4)


def test_the_mark_of_a_tag_binds_its_version_to_the_tenant_and_the_id() -> None:
    with Flask("test").test_request_context():
        nobodys = answer.mark("a", 3)
        assert answer.tag(BODY, 3).startswith(f"3-{nobodys}.")
        assert answer.tag(BODY | {"state": "IN_PROGRESS"}, 3).startswith(f"3-{nobodys}.")
        assert len({nobodys, answer.mark("b", 3), answer.mark("a", 4)}) == 3
        g.caller = Caller(tenant_id=UUID(int=1), key_id=UUID(int=2), role=Role.ADMIN)
        assert answer.mark("a", 3) != nobodys


@pytest.mark.parametrize("condition", ['"{tag}"', 'W/"{tag}"', '"x", "{tag}"', "*"])
def test_who_has_the_answer_gets_304(condition: str) -> None:
    with Flask("test").test_request_context():
        header = {"If-None-Match": condition.format(tag=answer.tag(BODY, 3))}

    with Flask("test").test_request_context(headers=header):
        found = answer.found(BODY, 3)

    assert found.status_code == 304


def test_who_has_another_answer_gets_this_one() -> None:
    with Flask("test").test_request_context():
        other = answer.tag(BODY, 2)

    with Flask("test").test_request_context(headers={"If-None-Match": f'"{other}"'}):
        found = answer.found(BODY, 3)

    assert (found.status_code, found.get_json()) == (200, BODY)
