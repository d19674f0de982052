"""The records of a CSV file (RFC 4180), read so that a quote that nobody closed spoils no line but its own.

A value in quotes may go over lines. But a line that has as many values as the first one has columns is a record of its
own: whoever left a quote open before it did not mean it to be a part of theirs.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

DELIMITERS = (",", ";", "\t")  # the one that the first line has most of
MOST_LINES = 20  # of one record: so a file of open quotes is not read to its end for each of them
BROKEN = "got no CSV, expected each quote to be closed, and doubled within a value"


class Record(NamedTuple):
    """The number of its first line, from 1, and its values; or `problem`, and none."""

    line: int
    values: list[str]
    problem: str | None = None


def records(text: str) -> Iterator[Record]:
    """Those of a text, first to last; the lines may end as on any system."""
    lines = list(io.StringIO(text, newline=None))
    delimiter = max(DELIMITERS, key=lines[0].count) if lines else ","
    width, at = 0, 0
    while at < len(lines):
        found, taken = record(lines, at, delimiter, width)
        yield found
        width = width or len(found.values)
        at += taken


def record(lines: list[str], at: int, delimiter: str, width: int) -> tuple[Record, int]:
    """The record that begins in a line, and of how many lines it is; `width`: how many values one has."""
    reader = csv.reader(lines[at : at + MOST_LINES], delimiter=delimiter, strict=True)
    try:
        values = next(reader)
    except csv.Error:
        return Record(at + 1, [], BROKEN), 1
    rest = lines[at + 1 : at + reader.line_num]
    if any(line.count(delimiter) + 1 >= width for line in rest):
        return Record(at + 1, [], BROKEN), 1
    return Record(at + 1, values), reader.line_num
