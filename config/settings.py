"""Every setting of Sessionbeat: one frozen object, from the environment alone, read at the doors.

A door (the API, a worker, beat, lifeline, a command) calls `load()` once and hands values on; nothing below a
door reads the environment. Each field says its unit. Where a variable is wrong the program does not start,
and all wrong variables are told at once. An empty variable counts as absent.

`settings.model_fields_set` tells a given value from a default: `sessionbeat up` starts its own servers when
`database_url` or `broker_url` were not given.

    config.address.SettingsError (ValueError)    one or more variables are wrong
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.address import DATABASE, SettingsError, of_database, without_password

_PREFIX = "SESSIONBEAT_"
_BROKER_SCHEMES = ("redis", "rediss", "sentinel", "amqp", "amqps")


def _broker(url: str) -> str:
    if "://" not in url or urlsplit(url).scheme not in _BROKER_SCHEMES:
        known = ", ".join(scheme + "://" for scheme in _BROKER_SCHEMES)
        raise ValueError(f"got {without_password(url)!r}, expected an address that begins with one of {known}")
    return url


class Settings(BaseSettings):
    """All settings. The variable's name is the field's in capitals after `SESSIONBEAT_`, but for the two
    addresses."""

    model_config = SettingsConfigDict(
        frozen=True, env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: Annotated[
        str,
        AfterValidator(of_database),
        Field(validation_alias=DATABASE, description="address of PostgreSQL 15 or newer (psycopg 3)"),
    ] = "postgresql://sessionbeat:sessionbeat@127.0.0.1:5432/sessionbeat"

    broker_url: Annotated[
        str,
        AfterValidator(_broker),
        Field(validation_alias="BROKER_URL", description="address of the broker: Valkey, Redis or RabbitMQ"),
    ] = "redis://127.0.0.1:6379/0"

    pg_bin: Annotated[
        Path | None,
        Field(description="folder of other PostgreSQL binaries for the embedded server (path)"),
    ] = None

    horizon_days: Annotated[int, Field(ge=1, le=366, description="how far ahead sessions exist as rows (days)")] = 60

    max_sessions_per_day: Annotated[
        int, Field(ge=1, le=86_400, description="a plan that gives more is refused (sessions a day)")
    ] = 288

    batch_size: Annotated[int, Field(ge=1, le=10_000, description="how many rows one statement moves (rows)")] = 5000

    rate_per_s: Annotated[
        float, Field(ge=0, le=100_000, description="requests a second that a key may make; 0: any number (requests)")
    ] = 100.0

    rate_burst: Annotated[
        int, Field(ge=1, le=1_000_000, description="how many of them it may make at once (requests)")
    ] = 1000

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="least level that is logged (name)")
    ] = "INFO"

    log_format: Annotated[
        Literal["json", "console"], Field(description="a JSON object or a readable text per line (name)")
    ] = "json"


def load() -> Settings:
    """Read the environment.

    Raises SettingsError with a sentence for each wrong variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_complaint(dict(detail)) for detail in error.errors()]) from None


def variable(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else (_PREFIX + field).upper()


def _complaint(detail: dict[str, object]) -> str:
    location = detail["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else "settings"
    name = variable(name) if name in Settings.model_fields else name
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    return f"{name}: {message}" if message.startswith("got ") else f"{name}: got {given!r}, {message.lower()}"
