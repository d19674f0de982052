"""Settings: all of them listed, all wrong ones told at once."""

import re

import pytest

from config import settings
from config.address import SettingsError
from config.settings import Settings
from launcher.place import PROJECT

LISTED = re.compile(r"# (?P<description>.+)\n(?P<name>[A-Z_]+)=(?P<default>.*)\n")
FIELDS = {settings.variable(name): field for name, field in Settings.model_fields.items()}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)


def test_the_example_lists_every_setting_with_its_unit_and_default() -> None:
    example, _, _ = (PROJECT / ".env.example").read_text().partition("# ---")

    listed = {found["name"]: (found["description"], found["default"]) for found in LISTED.finditer(example)}

    assert listed == {
        name: (field.description, "" if field.default is None else str(field.default)) for name, field in FIELDS.items()
    }


def test_every_setting_says_its_unit() -> None:
    without = [name for name, field in FIELDS.items() if not name.endswith("_URL")
               and not re.search(r"\(\w[\w ]*\)$", field.description or "")]  # fmt: skip

    assert without == []


def test_the_example_is_valid_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in LISTED.finditer((PROJECT / ".env.example").read_text()):
        monkeypatch.setenv(found["name"], found["default"])

    assert settings.load() == Settings.model_construct(**{n: f.default for n, f in Settings.model_fields.items()})


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")

    assert "database_url" not in settings.load().model_fields_set


def test_a_given_variable_is_known_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@there/sessions")

    loaded = settings.load()

    assert loaded.database_url == "postgresql://me:secret@there/sessions"
    assert loaded.model_fields_set == {"database_url"}


def test_every_wrong_variable_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:secret@there/sessions")
    monkeypatch.setenv("SESSIONBEAT_HORIZON_DAYS", "soon")
    monkeypatch.setenv("SESSIONBEAT_LOG_LEVEL", "LOUD")

    with pytest.raises(SettingsError) as caught:
        settings.load()

    assert [complaint.partition(":")[0] for complaint in caught.value.complaints] == [
        "DATABASE_URL",
        "SESSIONBEAT_HORIZON_DAYS",
        "SESSIONBEAT_LOG_LEVEL",
    ]
    assert "got 'soon'" in str(caught.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "BROKER_URL"])
def test_a_wrong_address_is_told_without_its_password(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "ftp://me:secret@there/x")

    with pytest.raises(SettingsError, match="there/x") as caught:
        settings.load()

    assert "secret" not in str(caught.value)


def test_an_address_without_a_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://there")

    with pytest.raises(SettingsError, match="the name of a database"):
        settings.load()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load().batch_size = 1
