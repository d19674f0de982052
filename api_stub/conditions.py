"""What a change is asked for on condition of: `If-Match` (RFC 9110, 13.1.1).

`*` lets any pass, and of a list one tag that matches is enough; a tag that is none of ours matches nothing. Of a
session's or plan's tag the version alone is compared, so that a session that merely started by itself does not refuse
an edit; what sessions refer to is compared by the whole tag. A proxy that compresses makes tags weak: they count too.
"""

import re

from flask import request

from api_stub.errors import Stale

VERSION = re.compile(r"(\d{1,9})-.*", re.ASCII)


def tags() -> frozenset[str] | None:
    """The entity tags that are asked for, without their quotes; None: none is asked for, or any will do."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return frozenset(filter(None, request.if_match.as_set(include_weak=True)))  # an empty one is read as None


def versions() -> frozenset[int] | None:
    """The versions that are asked for; None: none is asked for, or any will do."""
    given = tags()
    if given is None:
        return None
    return frozenset(int(shape[1]) for shape in map(VERSION.fullmatch, given) if shape)


def check(tag: str) -> None:
    """Refuse when what is there has another tag (without quotes) than those asked for. Raises Stale."""
    given = tags()
    if given is not None and tag not in given:
        raise Stale
