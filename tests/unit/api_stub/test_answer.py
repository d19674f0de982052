"""Entity tags, and what a request's conditions make of them."""

import pytest
from flask import Flask

from api_stub import answer
from api_stub.errors import Invalid

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


@pytest.mark.parametrize(
    "given, version", [(None, None), ("*", None), ('"3-0a1b"', 3), ('W/"12-0a1b"', 12), ("3-0a1b", 3)]
)
def test_if_match_asks_for_the_version_alone(given: str | None, version: int | None) -> None:
    with Flask("test").test_request_context(headers={} if given is None else {"If-Match": given}):
        assert answer.if_version() == version


@pytest.mark.parametrize("given", ["", "x", '"x-y"', '"-1"', '"²-x"', '"9999999999-x"'])
def test_an_if_match_that_is_no_tag_of_ours_is_refused(given: str) -> None:
    with Flask("test").test_request_context(headers={"If-Match": given}), pytest.raises(Invalid):
        answer.if_version()
