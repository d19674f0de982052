"""What an answer says beside its fields: what of the request was not taken as it came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import request

from api_stub import instants

CUT = "fractions of a second were cut off: a plan knows whole seconds"
ABOUT_NOW = timedelta(minutes=1)  # clocks differ, and a request takes its time


def of_cut() -> Sequence[str]:
    """A note when a time of the body said more than whole seconds."""
    given = (request.get_json().get(name) for name in ("scheduledAt", "scheduledEndAt"))
    return [CUT] if any(isinstance(text, str) and instants.has_fraction(text) for text in given) else []


def of_removal(asked: datetime | None, now: datetime) -> Sequence[str]:
    """A note when a removal was asked for at another instant than about now."""
    if asked is None or abs(asked - now) <= ABOUT_NOW:
        return []
    return [f"removedAt {instants.show(asked)} was not kept: a removal takes place at once, at the server's time"]
