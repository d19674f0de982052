"""Entity tags, and what a request's conditions make of them."""

import pytest
from flask import Flask

from api_stub import answer

BODY = {"id": "a", "state": "SCHEDULED"}


def test_a_tag_is_the_version_and_a_digest_of_the_whole_answer() -> None:
    assert answer.tag(BODY, 3).startswith("3-")
    assert answer.tag(BODY, 3) != answer.tag(BODY | {"state": "IN_PROGRESS"}, 3)
    assert answer.tag(BODY, 3) != answer.tag(BODY, 4)


@pytest.mark.parametrize("condition", ['"{tag}"', 'W/"{tag}"', '"x", "{tag}"', "*"])
def test_who_has_the_answer_gets_304(condition: str) -> None:
    header = {"If-None-Match": condition.format(tag=answer.tag(BODY, 3))}

    with Flask("test").test_request_context(headers=header):
        found = answer.found(BODY, 3)

    assert found.status_code == 304


def test_who_has_another_answer_gets_this_one() -> None:
    with Flask("test").test_request_context(headers={"If-None-Match": f'"{answer.tag(BODY, 2)}"'}):
        found = answer.found(BODY, 3)

    assert (found.status_code, found.get_json()) == (200, BODY)
