"""`/metrics`: how the house stands, for Prometheus. Every metric is here, with its meaning and unit.

Asked of the database at each scrape (`services.watch`), so any process of the API answers for the whole house, and
nothing is lost with a process. The numbers name no tenant and no session; still they are for this machine alone, and
for whoever has an admin's key (`keys.py`).
"""

import math
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

from flask import Response
from flask_openapi3.openapi import OpenAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from api_stub import door
from db import engine as database
from db import tally
from lifecycle import Event, Outcome, Step
from services import watch
from services.watch import House

MISSES = (Outcome.ON_TIME, Outcome.CAUGHT_UP, Outcome.MISFIRE)


class Scrape:
    """One answer, as Prometheus's library collects it."""

    def __init__(self, house: House) -> None:
        self.house = house

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        yield from happened(self.house)
        yield from waits(self.house)
        yield from stands(self.house)


def register(app: OpenAPI) -> None:
    """Give `app` the call."""
    app.get("/metrics", endpoint="metrics", doc_ui=False)(metrics)


def metrics() -> Response:
    """Everything, in Prometheus's text form."""
    here = door.current()
    with database.transaction(here.engine) as (tx, now):
        house = watch.house(tx, now, timedelta(days=here.settings.horizon_days))
    return Response(generate_latest(Scrape(house)), content_type=CONTENT_TYPE_LATEST)


def happened(house: House) -> Iterator[Metric]:
    """What was counted since the first migration."""
    lateness = HistogramMetricFamily(
        "sessionbeat_lateness_seconds",
        "What the system did to sessions: applied minus due instant, by kind of step and outcome",
        labels=("kind", "outcome"),
    )
    missed = dict.fromkeys(map(str, MISSES), 0.0)
    for name, labels, amounts in house.counted:
        if name == tally.LATENESS:
            bounds = [*map(str, tally.BOUNDS_S), "+Inf"]
            lateness.add_metric(labels, list(zip(bounds, accumulate(amounts[:-1]), strict=True)), amounts[-1])
            if labels[0] == Event.MISS:
                missed[labels[1]] = sum(amounts[:-1])
    yield lateness
    yield counter("missed", "Sessions that nobody started, or that started too late (misfire)", "outcome", missed)
    batches = dict.fromkeys(map(str, Step), 0.0) | counted(house, tally.BATCHES)
    yield counter("batches", "Transactions that moved at least one session", "step", batches)
    yield counter("hints", "Hints that beat sent, by task", "task", counted(house, tally.HINTS))
    audited = dict.fromkeys(("compared", "skipped"), 0.0) | counted(house, tally.AUDITED)
    yield counter("audited_plans", "Plans that the auditor looked at, and what it made of them", "result", audited)
    yield CounterMetricFamily(
        "sessionbeat_audit_mismatches",
        "Comparisons in which the auditor's second opinion differed from the rows",
        value=sum(counted(house, tally.AUDIT_MISMATCHES).values()),
    )
    yield CounterMetricFamily(
        "sessionbeat_late_clashes",
        "Places that sessions could not book when their rows were written: somebody else has them then",
        value=sum(counted(house, tally.LATE_CLASHES).values()),
    )


def waits(house: House) -> Iterator[Metric]:
    """What is due, or set aside."""
    due = {str(step): float(found.number) for step, found in house.due.items()}
    yield gauge("due_sessions", "Sessions that are due for a step; 10000 means so many or more", "step", due)
    ages = {
        str(step): (house.now - found.oldest).total_seconds() if found.oldest else 0.0
        for step, found in house.due.items()
    }
    yield gauge("oldest_due_seconds", "How long the oldest of them has been due; 0 when none is", "step", ages)
    yield GaugeMetricFamily(
        "sessionbeat_waiting_plans",
        "Plans that want their sessions written now; 10000 means so many or more",
        value=house.plans.waiting,
    )
    aside = {"session": float(house.plans.sessions_set_aside), "plan": float(house.plans.plans_set_aside)}
    yield gauge("set_aside", "What was given up because the database or the engine refuses it", "what", aside)


def stands(house: House) -> Iterator[Metric]:
    """How far the rows reach, who is alive, and which zones hold."""
    yield GaugeMetricFamily(
        "sessionbeat_horizon_min_seconds",
        "Every plan has its sessions as rows at least so far ahead",
        value=house.reach.total_seconds(),
    )
    seen = {kind: seconds(age) for kind, age in house.seen.items()}
    yield gauge("seen_age_seconds", "How long ago beat, a worker, the lifeline was last seen", "process", seen)
    yield GaugeMetricFamily(
        "sessionbeat_audit_wrong_plans", "Plans whose rows the auditor finds wrong", value=house.wrong
    )
    yield GaugeMetricFamily(
        "sessionbeat_audit_age_seconds", "How long ago the auditor last looked", value=seconds(house.audited)
    )
    strange = set(house.editions) - {None, house.installed}
    yield GaugeMetricFamily(
        "sessionbeat_tzdata_mismatch",
        "1 while plans are stored that were computed with another edition of tzdata than the API's",
        value=len(strange) > 0,
    )


def seconds(age: timedelta | None) -> float:
    """An age; what never was is infinitely long ago."""
    return math.inf if age is None else age.total_seconds()


def counted(house: House, name: str) -> dict[str, float]:
    """What was counted under this name, by its one label (or none)."""
    return {"".join(labels): amounts[0] for key, labels, amounts in house.counted if key == name}


def counter(name: str, text: str, label: str, values: dict[str, float]) -> CounterMetricFamily:
    """A counter with one label."""
    family = CounterMetricFamily(f"sessionbeat_{name}", text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def gauge(name: str, text: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    """A gauge with one label."""
    family = GaugeMetricFamily(f"sessionbeat_{name}", text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
