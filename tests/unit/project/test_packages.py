"""What `pyproject.toml` says of the packages is what is there."""

import tomllib

from launcher.place import PROJECT

config = tomllib.loads((PROJECT / "pyproject.toml").read_text())
FLOORS = {"api_stub", "bench", "config", "db", "launcher", "lifecycle", "recurrence", "scheduler", "services", "worker"}


def test_every_folder_with_code_is_listed() -> None:
    found = {
        str(file.parent.relative_to(PROJECT)).replace("/", ".")
        for floor in FLOORS
        for file in (PROJECT / floor).rglob("*.py")
    }

    assert found == set(config["tool"]["setuptools"]["packages"])


def test_every_floor_has_its_contract_and_its_types_checked() -> None:
    assert set(config["tool"]["importlinter"]["root_packages"]) == FLOORS
    assert set(config["tool"]["mypy"]["packages"]) == FLOORS | {"tests"}
    assert set(config["tool"]["coverage"]["run"]["source"]) == FLOORS


def test_there_is_one_command() -> None:
    assert config["project"]["scripts"] == {"sessionbeat": "launcher.cli:main"}
