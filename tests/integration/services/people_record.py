"""What a completion record says of a session, counted from the model of it."""

from datetime import datetime, timedelta

from tests.integration.services.people_model import CAME, Meeting, Model

NOTHING = timedelta(0)


def marks(model: Model, one: Meeting) -> dict[str, str]:
    """What is told of each person who is expected or marked; at the end, who did not come is absent."""
    is_over = model.state(one) == "COMPLETED"
    found = {who: one.marks.get(who, "EXPECTED") for who in one.placed | set(one.marks)}
    if is_over:
        found |= {who: "ABSENT" for who, mark in found.items() if mark == "EXPECTED" and who in one.placed}
    return found


def times(model: Model, one: Meeting) -> tuple[datetime, datetime]:
    """When a session that is over really started and ended."""
    began = model.began(one)
    assert began is not None
    return began, one.ended or one.end


def minutes(model: Model, one: Meeting, who: str) -> float:
    """How long somebody was there who came."""
    stays = one.stays.get(who)
    if not stays:
        return 60.0
    began, ended = times(model, one)
    inside = sorted((max(came, began), min(went or ended, ended)) for came, went in stays)
    total, reached = NOTHING, began
    for came, went in inside:
        total += max(NOTHING, went - max(came, reached))
        reached = max(reached, went)
    return total.total_seconds() / 60


def record(model: Model, one: Meeting) -> dict[str, float | None]:
    """The record of a session that is over."""
    told = {who: mark for who, mark in marks(model, one).items() if mark != "EXPECTED"}
    counts = {kind: sum(mark == kind.upper() for mark in told.values()) for kind in KINDS}
    came = [who for who, mark in told.items() if mark in CAME]
    began, ended = times(model, one)
    judged = len(told) - counts["excused"]
    return {
        **counts,
        "expected": len(told),
        "enrolled": len(one.by_plan),
        "attendance_rate": len(came) / judged if judged else None,
        "presence_minutes": sum(minutes(model, one, who) for who in came) / len(came) if came else None,
        "fill_rate": len(came) / one.limit,
        "completed": bool(came),
        "actual_minutes": (ended - began).total_seconds() / 60,
    }


KINDS = ("present", "late", "absent", "excused")
