"""A small demo studio: something to look at, a term that is over, and sessions that start within the minute."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db.models import Named, PlanType, Series, Tenant, UserRole
from services import demo_term, plan, references
from services.plan_draft import PlanDraft

ZONE = "Asia/Seoul"
FIRST_START = timedelta(seconds=20)
PACE = timedelta(seconds=10)
SPRINT = recurrence.Duration(days=0, seconds=30)


def load(tx: Tx, tenant_id: UUID, now: datetime, settings: Settings) -> bool:
    """Fill a tenant that has no plan yet; returns whether it did."""
    if tx.scalar(select(Series.id).where(Series.tenant_id == tenant_id).limit(1)) is not None:
        return False
    made = people_and_places(tx, tenant_id, now)
    tenant = tx.get_one(Tenant, tenant_id)
    week = recurrence.wall_time(now, ZONE).replace(hour=18, minute=0, second=0, microsecond=0)
    regular = [
        ("Pilates", "FREQ=WEEKLY;BYDAY=MO,WE", week, "hall"),
        ("Physiotherapy", "FREQ=WEEKLY;BYDAY=TU,TH,SA", week.replace(hour=10), "room"),
        ("Open studio", "FREQ=MONTHLY;BYDAY=3SA", week.replace(hour=14), "hall"),
    ]
    for title, rule, start, place in regular:
        series = recurrence.Series(
            dtstart=start,
            time_zone=ZONE,
            duration=recurrence.Duration(days=0, seconds=3600),
            rule=recurrence.Rule.parse(rule),
        )
        draft = PlanDraft(series=series, title=title, **place_and_people(made, place))
        plan.create(tx, tenant_id, draft, now, settings)
    demo_term.load(tx, tenant_id, made, ZONE, now, settings)
    for number in range(3):
        starts = recurrence.wall_time(now + FIRST_START + number * PACE, tenant.time_zone).replace(microsecond=0)
        series = recurrence.Series(dtstart=starts, time_zone=tenant.time_zone, duration=SPRINT)
        plan.create(
            tx,
            tenant_id,
            PlanDraft(
                series=series,
                title=f"Warm-up {number + 1}",
                type=PlanType.ONE_TIME,
                participants=(made["ada"].id,),
                exclusive=frozenset(),  # they overlap, and may fall into a class of hers
            ),
            now,
            settings,
        )
    return True


def people_and_places(tx: Tx, tenant_id: UUID, now: datetime) -> dict[str, Named]:
    """An instructor, two participants, two spaces and what they teach, by short names."""
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("hall", "spaces", {"name": "Hall"}),
        ("room", "spaces", {"name": "Treatment room"}),
        ("min", "users", {"name": "Min", "email": "min@studio.example", "role": UserRole.INSTRUCTOR}),
        ("ada", "users", {"name": "Ada", "email": "ada@studio.example", "role": UserRole.PARTICIPANT}),
        ("bo", "users", {"name": "Bo", "email": "bo@studio.example", "role": UserRole.PARTICIPANT}),
        ("spring", "programs", {"name": "Spring term"}),
        ("autumn", "programs", {"name": "Autumn term"}),
    ]
    return {short: references.create(tx, tenant_id, kind, values, now) for short, kind, values in wanted}


def place_and_people(made: dict[str, Named], place: str) -> dict[str, Any]:
    """What the regular plans of the studio have in common."""
    return {
        "space_id": made[place].id,
        "instructor_id": made["min"].id if place == "hall" else None,
        "program_id": made["spring"].id,
        "participants": (made["ada"].id, made["bo"].id),
    }
