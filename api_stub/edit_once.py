"""The body of `PATCH /sessions/{id}` for a one-time session: any field of a plan but how it repeats."""

from api_stub import edit_body, edit_plan
from api_stub.edit_body import EditBody
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.flat_fields import pointer
from services.plan_change import PlanChange

REPEATING = (*edit_plan.RULE, *edit_plan.DATES)
ONCE = "got how it repeats, expected nothing: a one-time session stays one; plan one that repeats in its place"


def change_of(body: EditBody) -> PlanChange:
    """The change that a body asks for; what repeats is as good as left out where it is empty. Raises Invalid."""
    edit_body.refuse_skip(body)
    repeats = [name for name in REPEATING if says(body, name)]
    if repeats:
        raise Invalid([Fault(pointer=pointer(name), message=ONCE) for name in sorted(repeats)])
    given = body.model_fields_set - set(REPEATING)
    plain = EditBody.model_construct(_fields_set=set(given), **{name: getattr(body, name) for name in given})
    change = edit_plan.change_of(plain)
    if not change.values and change.grace is None and change.participants is None and change.times is None:
        raise edit_body.nothing()
    return change


def says(body: EditBody, name: str) -> bool:
    """Whether a field says how a plan repeats."""
    value = getattr(body, name)
    if name == "recurrence" and value is not None:
        return any(getattr(value, part) for part in value.model_fields_set)
    return value not in (None, [])
