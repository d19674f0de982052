"""Forget what is not good for anything any more: kept answers, old places in the ledger, old deliveries of marks."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session as Tx

from services import attendance_import, changes, repeats, retry

AT_ONCE = 10_000  # answers; the rest is left to the next time


def sweep(engine: Engine) -> dict[str, int]:
    """Do so; returns how many `answers`, `ledger_batches` and `deliveries` were forgotten, where there were any."""

    def journey(tx: Tx, now: datetime) -> dict[str, int]:
        counts = {"answers": repeats.forget(tx, now, AT_ONCE), "ledger_batches": changes.forget(tx, now)}
        counts["deliveries"] = attendance_import.forget(tx, now)
        return {name: number for name, number in counts.items() if number}

    return retry.run(engine, None, journey)
