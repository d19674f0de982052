"""The body of a request, and the query, before any model sees them.

A body is one JSON object (RFC 8259) of at most 1 MiB, in UTF-8. Refused are what Python's reader would let pass or
stumble over: NaN and Infinity, a key that comes twice, nesting deeper than 50, numbers of thousands of digits, and text
that PostgreSQL can't hold (NUL) or that is no Unicode (lone surrogates). A query parameter may come once.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from api_stub import roles
from api_stub.errors import MAX_BODY, Invalid, Malformed, WrongMediaType
from api_stub.faults import Fault, pointer

MAX_DEPTH = 50
CARRIERS = ("POST", "PUT", "PATCH", "DELETE")

Place = tuple[str | int, ...]


def check() -> None:
    """Refuse a request whose query or body no call could take; leaves the parsed body where models look for it.

    Raises Malformed, WrongMediaType, Invalid.
    """
    if request.endpoint is None:
        return
    check_query()
    if not takes_query():
        check_no_query()
    if request.method in CARRIERS:
        check_body()


def check_query() -> None:
    """Refuse parameters that come twice, and text that can't be stored."""
    faults = [
        Fault(pointer=pointer([name]), message=f"got {len(values)} values, expected one")
        for name, values in request.args.lists()
        if len(values) > 1
    ]
    faults += [
        Fault(pointer=pointer([name]), message="got a NUL character, expected text without it")
        for name, value in request.args.items()
        if "\x00" in name or "\x00" in value
    ]
    if faults:
        raise Invalid(faults)


def check_no_query() -> None:
    """Refuse every parameter of a call that has none. Raises Invalid."""
    if request.args:
        message = "got a parameter, expected none: this call has none"
        raise Invalid([Fault(pointer=pointer([name]), message=message) for name in request.args])


def check_body() -> None:
    """Read the body strictly; a call that takes none gets none, or an empty object."""
    raw = read_all()
    if others := other_kinds():
        check_kind(raw, others)
        return
    wanted = takes_body()
    if not raw.strip():
        if wanted:
            raise Malformed("got an empty body, expected a JSON object")
        return
    if not request.is_json:
        raise WrongMediaType(f"got {request.mimetype or 'no Content-Type'}, expected application/json")
    body = read(raw)
    if not isinstance(body, dict):
        raise Invalid([Fault(pointer="", message=f"got {kind_of(body)}, expected a JSON object")])
    faults = list(unstorable(body))
    if faults:
        raise Invalid(faults)
    if body and not wanted:
        unknown = [
            Fault(pointer=pointer([name]), message="got a field, expected none: this call has no body") for name in body
        ]
        raise Invalid(unknown)


def other_kinds() -> tuple[str, ...]:
    """What the call that was asked for takes instead of a JSON object; none: that, or nothing."""
    model = current_app.view_functions[request.endpoint or ""].__annotations__.get("raw")
    return () if model is None else tuple(model.mimetypes)


def check_kind(raw: bytes, kinds: tuple[str, ...]) -> None:
    """Refuse a body that is said to be something else, or that is empty. Raises Malformed, WrongMediaType."""
    if request.mimetype not in kinds:
        raise WrongMediaType(f"got {request.mimetype or 'no Content-Type'}, expected {' or '.join(kinds)}")
    if not raw.strip():
        raise Malformed(f"got an empty body, expected {' or '.join(kinds)}")


def read_all() -> bytes:
    """The body. Raises RequestEntityTooLarge; one that says its length is not read to be refused.

    The library stops at the largest length it is told without a word, so it is told of one byte more (`create_app`).
    """
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge
    raw = request.get_data(cache=True)
    if len(raw) > MAX_BODY:
        raise RequestEntityTooLarge
    return raw


def takes_query() -> bool:
    """Whether the call that was asked for has parameters; what stands outside the API's calls does not mind them."""
    endpoint = request.endpoint or ""
    return endpoint not in roles.LEAST or "query" in current_app.view_functions[endpoint].__annotations__


def takes_body() -> bool:
    """Whether the call that was asked for has a body."""
    view = current_app.view_functions[request.endpoint or ""]
    return "body" in view.__annotations__


def read(raw: bytes) -> Any:
    """The JSON text as a value. Raises Malformed."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"got a byte that is no UTF-8 at {error.start}, expected JSON in UTF-8") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and depth(text) > MAX_DEPTH:
        raise Malformed(f"got JSON nested deeper than {MAX_DEPTH} levels")
    try:
        return json.loads(text, parse_constant=refuse_constant, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise Malformed(f"got no JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise Malformed("got a number of too many digits") from None


def depth(text: str) -> int:
    """How deep brackets are nested, at most; those in strings do not count."""
    deepest = level = 0
    quoted = escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = letter == "\\", letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            level += 1
            deepest = max(deepest, level)
        elif letter in "]}":
            level -= 1
    return deepest


def refuse_constant(name: str) -> NoReturn:
    """JSON has no NaN and no Infinity."""
    raise Malformed(f"got {name}, which is no JSON")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"got the key {twice[:60]!r} twice in one object")
    return found


def unstorable(value: Any, place: Place = ()) -> Iterator[Fault]:
    """A fault for each text, key or value, that can't be stored."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from unstorable_text(name, (*place, name))
            yield from unstorable(part, (*place, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from unstorable(part, (*place, index))
    elif isinstance(value, str):
        yield from unstorable_text(value, place)


def unstorable_text(text: str, place: Place) -> Iterator[Fault]:
    """A fault when `text` has a NUL or a lone surrogate."""
    if "\x00" in text:
        yield Fault(pointer=pointer(place), message="got a NUL character, expected text without it")
    elif not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        yield Fault(pointer=pointer(place), message="got half of a surrogate pair, expected Unicode text")


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case list():
            return "an array"
        case str():
            return "a string"
        case _:
            return "a number"
