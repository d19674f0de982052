"""Fields that a body may name and never sets: null is as good as left out, a value is refused by its own reason."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from api_stub.wire import shown


def refuse_answered(value: Any) -> None:
    """Null is as good as left out; a value is refused."""
    if value is not None:
        raise ValueError(f"got {shown(value)}, expected nothing: an answer tells this field, a body does not set it")


def refuse_removed(value: Any) -> None:
    """Null is as good as left out; a removal has a call of its own."""
    if value is not None:
        raise ValueError(f"got {shown(value)}, expected nothing: PATCH /sessions/{{id}}/removedAt removes")


def refuse_kept(value: Any) -> None:
    """Null is as good as left out; what a plan is it stays."""
    if value is not None:
        raise ValueError(f"got {shown(value)}, expected nothing: a plan keeps its type, whatever is edited")


Answered = Annotated[None, BeforeValidator(refuse_answered)]
Kept = Annotated[None, BeforeValidator(refuse_kept)]
Removed = Annotated[None, BeforeValidator(refuse_removed)]
