"""`Procfile`, `docker-compose.yml` and the launcher run the same processes."""

import re
import shlex
from typing import Any

import pytest
import yaml

from api_stub import app
from launcher import processes
from launcher.place import PROJECT

PYTHON = ("python", "-m")
OURS = {
    "release": (*PYTHON, "launcher", "migrate"),
    "web": (*PYTHON, *processes.API),
    "worker": (*PYTHON, *processes.TRANSITIONS),
    "bulk": (*PYTHON, *processes.BULK),
    "beat": (*PYTHON, *processes.BEAT),
    "lifeline": (*PYTHON, *processes.LIFELINE),
    "flower": (*PYTHON, *processes.FLOWER),
}

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PROCFILE = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines() if line)


def words(command: str, environment: dict[str, str]) -> list[str]:
    """A line of the Procfile as a shell would read it, `${NAME:-default}` replaced."""
    told = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: environment.get(found[1], found[2]), command)
    return shlex.split(told)


def test_the_procfile_has_every_process() -> None:
    assert list(PROCFILE) == list(OURS)


@pytest.mark.parametrize("name", OURS)
def test_compose_runs_what_the_procfile_says(name: str) -> None:
    service = SERVICES[name]

    assert service["command"] == words(PROCFILE[name], service["environment"])


@pytest.mark.parametrize("name", OURS)
def test_the_procfile_runs_what_the_launcher_runs(name: str) -> None:
    command = words(PROCFILE[name], {})

    assert command[: len(OURS[name])] == list(OURS[name])


def test_the_api_keeps_a_connection_for_each_of_its_threads() -> None:
    threads = processes.API[processes.API.index("--threads") + 1]

    assert threads == str(app.CONNECTIONS)


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "release"])
def test_every_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["interval"]
    assert check["retries"]


@pytest.mark.parametrize(
    ("name", "kind"), [("worker", "transitions"), ("bulk", "bulk"), ("beat", "beat"), ("lifeline", "lifeline")]
)
def test_a_process_without_a_port_is_asked_for_its_heartbeat(name: str, kind: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", *PYTHON, "launcher", "health", kind]


def test_the_servers_are_the_stock_images() -> None:
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"


def test_ports_are_published_on_the_loopback_address_alone() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert sorted(published) == ["127.0.0.1:5555:5555", "127.0.0.1:8000:8000"]


@pytest.mark.parametrize("name", [name for name in OURS if name != "release"])
def test_processes_wait_for_the_release_and_the_servers(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "valkey": {"condition": "service_healthy"},
        "release": {"condition": "service_completed_successfully"},
    }


@pytest.mark.parametrize("name", OURS)
def test_every_process_knows_both_servers(name: str) -> None:
    environment = SERVICES[name]["environment"]

    assert "@postgres:5432/" in environment["DATABASE_URL"]
    assert "@valkey:6379/" in environment["BROKER_URL"]


def test_no_password_stands_in_the_file() -> None:
    passwords = re.findall(r"(?:PASSWORD|AUTH)[^\n]*: (\S+)", (PROJECT / "docker-compose.yml").read_text())

    assert passwords
    assert all(password.startswith("${") for password in passwords)
