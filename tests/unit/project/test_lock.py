"""The lock files fit what is declared, every file by its hash, and no address or path of a machine is in them."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from launcher.place import PROJECT

RUNTIME, ALL = "requirements.lock", "requirements-dev.lock"
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ;]+)(?: ;[^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)

declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
RUNTIME_WANTED = declared["dependencies"] + declared["optional-dependencies"]["embedded"]
ALL_WANTED = RUNTIME_WANTED + declared["optional-dependencies"]["dev"]


def pins(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, _ in PINNED.findall((PROJECT / lock).read_text())}


@pytest.mark.parametrize(("lock", "wanted"), [(RUNTIME, RUNTIME_WANTED), (ALL, ALL_WANTED)])
def test_the_lock_has_what_is_declared(lock: str, wanted: list[str]) -> None:
    locked = pins(lock)

    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not in {lock}: make lock"
        assert requirement.specifier.contains(version), f"{lock} has {version}, declared is {requirement}: make lock"


@pytest.mark.parametrize("lock", [RUNTIME, ALL])
def test_every_line_is_a_pin_with_hashes_or_a_comment(lock: str) -> None:
    rest = PINNED.sub("", (PROJECT / lock).read_text())

    assert [line for line in rest.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("lock", [RUNTIME, ALL])
def test_no_address_and_no_path_is_in_the_lock(lock: str) -> None:
    found = re.findall(r"https?:|file:|--index|--find-links|--trusted| /\w+", (PROJECT / lock).read_text())

    assert found == []


def test_the_locks_agree() -> None:
    runtime, everything = pins(RUNTIME), pins(ALL)

    assert {name: everything.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["celery", "redis", "sqlalchemy", "psycopg", "python-dateutil", "flower", "pytest"])
def test_what_we_stand_on_is_declared(name: str) -> None:
    assert name in {canonicalize_name(Requirement(wanted).name) for wanted in ALL_WANTED}
