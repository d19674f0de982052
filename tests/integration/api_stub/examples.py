"""The examples of `docs/api.md`: commands and answers, told apart, compared, and written anew.

A block of `sh` is a command, the block after it its answer. `…` in an answer stands for fields, or lines of a text,
that are left out. A block `export NAME=value` names a value of the answer before, for the commands after.

The documentation lives in the week of Monday ANCHOR. Commands are shifted by whole weeks into the time of the test, and
answers back, so that weekdays, and what the horizon reaches, stay what they are. Compared by their shape alone are ids
(one documented id stands for one id throughout), instants with a fraction of a second (they were read from a clock),
request ids, digests, cursors, keys, and the stamps of calendar entries. Everything else is compared as it stands.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

ANCHOR = date(2026, 12, 7)
LEFT_OUT = "…"

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"export (\w+)=(\S+)\n")
DAY = re.compile(r"(?<![0-9A-Za-z])(20\d\d)(-?)(\d\d)\2(\d\d)(?=\b|T|_)")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHAPES = tuple(
    map(
        re.compile,
        (
            r"sb_(?:feed_)?(?:…|[A-Za-z0-9_-]{20,})",  # a key
            r"(?<=DTSTAMP:)\d{8}T\d{6}Z",  # when a calendar entry was written
            r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z",  # an instant of the clock
            r"[0-9a-f]{32}",  # a request
            r"[A-Za-z0-9_-]{60,}",  # a cursor
            r"(?<=\d-)[0-9a-f.]{16,}(?=\")",  # the digest in an ETag
        ),
    )
)
"""What changes from run to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A command, and the answer after it (None: none is told); where the answer stands in the page."""

    command: str
    answer: str | None
    place: tuple[int, int]
    line: int


def of_page(text: str) -> list[Example]:
    """The commands of a page, in order."""
    blocks = list(BLOCK.finditer(text))
    found = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block[1] == "sh":
            told = after if after is not None and after[1] != "sh" else None
            place = told.span(2) if told else (0, 0)
            line = text.count("\n", 0, block.start()) + 1
            found.append(Example(command=block[2], answer=told[2] if told else None, place=place, line=line))
    return found


def shifted(text: str, days: int) -> str:
    """A text with all its dates moved."""

    def moved(found: re.Match[str]) -> str:
        day = date(int(found[1]), int(found[3]), int(found[4])) + timedelta(days=days)
        return day.strftime(f"%Y{found[2]}%m{found[2]}%d")

    return DAY.sub(moved, text)


def weeks_from(now: datetime) -> int:
    """How many days lie between ANCHOR and the Monday after next of `now`: whole weeks."""
    monday = now.date() + timedelta(days=14 - now.weekday())
    return (monday - ANCHOR).days


@dataclass(slots=True)
class Names:
    """Which id of this run a documented id stands for."""

    ids: dict[str, str] = field(default_factory=dict)

    def same(self, told: str, got: str) -> bool:
        """Whether two texts are the same, but for what changes from run to run."""
        for documented, actual in zip(ID.findall(told), ID.findall(got), strict=False):
            self.ids.setdefault(documented, actual)
        return plain(told) == plain(self.documented(got))

    def documented(self, got: str) -> str:
        """A text with the ids that the page has."""
        back = {actual: documented for documented, actual in self.ids.items()}
        return ID.sub(lambda found: back.get(found[0], found[0]), got)


def plain(text: str) -> str:
    """A text in which what changes, but for ids, is replaced by its kind."""
    for number, shape in enumerate(SHAPES):
        text = shape.sub(f"<{number}>", text)
    return text


def read(answer: str) -> Any:
    """The JSON of an answer in which some may be left out; None: it has none."""
    body = answer.partition("\n\n")[2] if answer.startswith("HTTP/") else answer
    body = re.sub(rf"^(\s*){LEFT_OUT}$", rf'\1"{LEFT_OUT}": null', body, flags=re.MULTILINE)
    return json.loads(body) if body.strip() else None


def renewed(told: Any, got: Any, names: Names) -> Any:
    """What a page should tell of an answer: as much as it told before, and that unchanged where it is still true."""
    if isinstance(told, dict) and isinstance(got, dict):
        kept = {name: renewed(told[name], got[name], names) for name in told if name in got}
        return kept | ({LEFT_OUT: None} if LEFT_OUT in told else {name: got[name] for name in got if name not in told})
    if isinstance(told, list) and isinstance(got, list):
        paired = [renewed(one, other, names) for one, other in zip(told, got, strict=False)]
        return paired + got[len(told) :]
    if isinstance(told, str) and isinstance(got, str) and names.same(told, got):
        return told
    return got


def head_of(told: str, got: str, names: Names) -> str:
    """The lines of a head that a page should tell: the status, and those headers that it told before."""
    status, *lines = got.split("\n")
    values = {line.partition(":")[0].lower(): line for line in lines}
    kept = [status]
    for line in told.split("\n")[1:]:
        found = values.get(line.partition(":")[0].lower())
        if found is not None:
            kept.append(line if names.same(line, found) else names.documented(found))
    return "\n".join(kept)


def told_anew(answer: str, got: str, names: Names) -> str:
    """The answer as the page should have it; the same text when it is still true."""
    got = got.replace("\r\n", "\n")
    head, body = "", got
    if got.startswith("HTTP/"):
        head, _, body = got.partition("\n\n")
        head = head_of(answer.partition("\n\n")[0], head, names)
    if not body.strip():
        return f"{head.rstrip()}\n"
    if not body.startswith(("{", "[")):
        return answer if says(answer, body, names) else names.documented(body)
    told, now = read(answer), json.loads(names.documented(body))
    if told is None:
        told = now
    text = written(renewed(told, now, names))
    return f"{head}\n\n{text}\n" if head else f"{text}\n"


def says(told: str, got: str, names: Names) -> bool:
    """Whether a text is what a page tells; a line `…` stands for any number of lines."""
    lines = re.escape(plain(told)).replace(f"{LEFT_OUT}\\\n", r"(?:.*\n)*?")
    return re.fullmatch(lines, plain(names.documented(got))) is not None


def written(value: Any) -> str:
    """JSON as pages have it: short lists in one line."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    text = re.sub(rf'"{LEFT_OUT}": null', LEFT_OUT, text)
    return re.sub(r"\[\s+((?:[^\[\]{}]){1,60}?)\s+\]", lambda f: "[" + re.sub(r"\s*\n\s*", " ", f[1]) + "]", text)


def value_at(told: Any, got: Any, wanted: str) -> str | None:
    """What `got` has where `told` has the wanted value; None: nowhere."""
    if isinstance(told, dict) and isinstance(got, dict):
        pairs = [(told[name], got[name]) for name in told if name in got]
    elif isinstance(told, list) and isinstance(got, list):
        pairs = list(zip(told, got, strict=False))
    else:
        return str(got) if told == wanted else None
    return next((found for pair in pairs if (found := value_at(*pair, wanted)) is not None), None)
