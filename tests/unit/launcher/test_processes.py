"""What runs, and how long ending it may take."""

from pathlib import Path

from launcher import postgres, processes, supervisor, valkey
from launcher.place import Place
from launcher.postgres import Postgres
from launcher.program import Program
from launcher.valkey import Valkey

HERE = Path("/nowhere")
WHERE = Place(root=HERE, account=None)


def programs() -> list[Program]:
    return [
        postgres.program(Postgres(binaries=HERE, cluster=HERE, password="secret"), 1, HERE, {}),
        valkey.program(Valkey(binary=HERE, folder=HERE, password="secret"), 2, HERE, {}),
        processes.api(WHERE, {}, 3),
        *processes.workers(WHERE, {}),
        processes.lifeline(WHERE, {}),
        processes.flower(WHERE, {}, 4, "secret"),
    ]


def test_all_patience_together_is_less_than_the_time_for_everything() -> None:
    stages: dict[int, float] = {}
    for program in programs():
        stages[program.stage] = max(stages.get(program.stage, 0.0), program.patience_s)

    assert sum(stages.values()) <= supervisor.STOPPED_WITHIN_S < 10.0


def test_flower_ends_before_the_broker_and_the_database_last() -> None:
    order = [program.name for program in sorted(programs(), key=lambda program: -program.stage)]

    assert order == ["flower", "beat", "lifeline", "worker", "bulk", "api", "valkey", "postgres"]


def test_no_password_stands_on_a_command_line() -> None:
    assert not any("secret" in argument for program in programs() for argument in program.argv)


def test_everything_listens_on_the_loopback_address() -> None:
    by_name = {program.name: " ".join(program.argv) for program in programs()}

    assert "--listen_addresses=127.0.0.1" in by_name["postgres"]
    assert "--bind 127.0.0.1:3" in by_name["api"]
    assert "--address=127.0.0.1 --port=4" in by_name["flower"]
    assert "bind {address}" in valkey.CONFIGURATION
