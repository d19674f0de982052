"""What a change is asked for on condition of."""

import pytest
from flask import Flask

from api_stub import conditions
from api_stub.errors import Stale


@pytest.mark.parametrize(
    "given, versions",
    [
        (None, None),
        ("*", None),
        ('"3-0a1b"', {3}),
        ('W/"12-0a1b"', {12}),
        ("3-0a1b", {3}),
        ('"3-0a1b", "4-0a1b","x"', {3, 4}),
        ("", set()),
        ("x", set()),
        ('""', set()),
        ('"1"', set()),
        ('"x-y"', set()),
        ('"-1"', set()),
        ('"²-x"', set()),
        ('"9999999999-x"', set()),
    ],
)
def test_a_session_is_compared_by_the_version_alone(given: str | None, versions: set[int] | None) -> None:
    with Flask("test").test_request_context(headers={} if given is None else {"If-Match": given}):
        assert conditions.versions() == versions


@pytest.mark.parametrize("given", [None, "*", '"0-a"', '"x", "0-a"'])
def test_what_matches_may_be_changed(given: str | None) -> None:
    with Flask("test").test_request_context(headers={} if given is None else {"If-Match": given}):
        conditions.check("0-a")


@pytest.mark.parametrize("given", ["", '"0-b"', '"x", "y"'])
def test_what_does_not_match_may_not(given: str) -> None:
    with Flask("test").test_request_context(headers={"If-Match": given}), pytest.raises(Stale):
        conditions.check("0-a")
