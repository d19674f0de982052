"""The body before any model sees it."""

from typing import Any

import pytest

from api_stub import payload
from api_stub.errors import Malformed


def test_json_is_read() -> None:
    assert payload.read('{"a": [1, "é", null]}'.encode()) == {"a": [1, "é", None]}


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"\xff\xfe",
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 10_000 + b"]" * 10_000,
        b"[" * 10_000,
        b'{"a":' * 10_000,
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        payload.read(raw)


def test_brackets_in_strings_are_not_nesting() -> None:
    assert payload.read(b'{"a": "' + b"[" * 1000 + b'\\"{"}') == {"a": "[" * 1000 + '"{'}


@pytest.mark.parametrize(
    "body, pointers",
    [
        ({"title": "x\x00"}, ["/title"]),
        ({"a": {"b/c": ["ok", "\ud800"]}}, ["/a/b~1c/1"]),
        ({"\udfff": 1}, ["/\udfff"]),
        ({"emoji": "\U0001f600", "text": "é"}, []),
    ],
)
def test_text_that_can_not_be_stored_is_told_with_a_pointer(body: dict[str, Any], pointers: list[str]) -> None:
    assert [fault.pointer for fault in payload.unstorable(body)] == pointers
