"""The clients: a process of its own that plans and edits over HTTP at the times of the schedule, and keeps a journal.

What came back is written down at once, so that of clients that did not finish it is known how far they came.

Every request is a line of the journal: what was asked, when it was sent, and what came back. No request is sent twice.
A 2xx is an acknowledgement; a 4xx means that nothing happened; anything else means that nobody knows.

Called as `python -m tests.chaos.clients SEED SECONDS RATE BURSTS EDITED SERIES REWORKED BEGAN PORT JOURNAL`; the key
comes by the variable CHAOS_KEY.
"""

import http.client
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from tests.chaos.grid import Grid
from tests.chaos.plans import OWN_ROOMS, PEOPLE, ROOMS, Edit, Load, Plan, Verb
from tests.chaos.reworked import schedule

THREADS = 32
ATTEMPTS = 30  # of making a person or a room
A_LITTLE_LATE_S = 0.3  # an edit that is sent so late is still aimed at its instant
TIMEOUT_S = 12.0  # longer than the API's own patience with its database
KEPT = ("id", "state", "scheduledAt", "scheduledEndAt", "startedAt", "endedAt", "removedAt", "tracked", "createdAt",
        "title", "status", "markedAt", "code", "detail", "updatedAt", "version")  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Clients:
    """What the threads share: where to ask, what is known of the plans by now, and the journal."""

    port: int
    key: str
    began: float
    journal: TextIO
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    grids: dict[int, Grid] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        """Send one request; answers what the journal says of it."""
        told: dict[str, Any] = {"sent": time.time(), "answered": None, "status": None, "body": {}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1{path}", json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            told |= {"answered": time.time(), "status": answer.status}
            found = json.loads(text) if text else {}
            told["body"] = {name: found[name] for name in KEPT if name in found}
            told["segments"] = found.get("segments", [])[-1:]
        except (OSError, http.client.HTTPException, ValueError) as error:
            told["error"] = repr(error)
        finally:
            connection.close()
        return told

    def prepare(self) -> None:
        """Make the people and rooms that plans refer to."""
        self.people += [self.made("/users", f"p{number}") for number in range(PEOPLE)]
        self.rooms += [self.made("/spaces", f"room{number}") for number in range(ROOMS + OWN_ROOMS)]

    def made(self, path: str, name: str) -> str:
        """The id of something that has to be there; made anew, under another name, where the API died over it."""
        person = {"role": "participant"} if path == "/users" else {}
        for attempt in range(ATTEMPTS):
            body = {"name": f"{name}.{attempt}", **person}
            if person:
                body["email"] = f"{name}.{attempt}@chaos.example"
            told = self.ask("POST", path, body)
            if told["status"] == 201:
                return str(told["body"]["id"])
        raise SystemExit(f"got {told}, expected 201 from {path}")

    def plan(self, plan: Plan) -> None:
        """Make a plan."""
        start = int(self.began) + plan.starts
        first = self.first_of(plan).isoformat()
        name = f"chaos-{plan.number}"  # by its description it is known again: nobody edits that
        asked: dict[str, Any] = {"title": name, "description": name, "timeZone": plan.zone, "scheduledAt": first,
                 "duration": f"PT{plan.lasts}S", "autoStart": "MANUAL" if plan.manual else "SCHEDULED",
                 "autoEnd": not plan.open_end, "exclusive": ["space"],
                 "participants": [self.people[one] for one in plan.people]}  # fmt: skip
        if plan.room is not None:
            asked["spaceId"] = self.rooms[plan.room]
        if plan.rule is not None:
            asked["recurrence"] = {"rrule": plan.rule}
        told = self.ask("POST", "/sessions", asked)
        meant = {"starts": start, "lasts": plan.lasts, "manual": plan.manual, "open_end": plan.open_end, "first": first,
                 "rule": plan.rule, "zone": plan.zone, "people": asked["participants"],
                 "room": asked.get("spaceId")}  # fmt: skip
        if told["status"] == 201:
            self.known[plan.number] = told["body"]
        self.note({"verb": "create", "plan": plan.number, "at": plan.post_at, **meant}, told)

    def first_of(self, plan: Plan) -> datetime:
        """The local start of a plan's first session."""
        return datetime.fromtimestamp(int(self.began) + plan.starts, ZoneInfo(plan.zone)).replace(tzinfo=None)

    def note(self, entry: dict[str, Any], told: dict[str, Any]) -> None:
        """Write a request into the journal; remember what an edited series gives now."""
        segments = told.pop("segments", [])
        if segments and segments[0]["rrule"] and told["status"] < 300:
            self.grids[entry["plan"]] = Grid.of(segments[0]["from"], segments[0]["rrule"])
        self.write({**entry, **told})

    def write(self, line: dict[str, Any]) -> None:
        """Add a line to the journal, whole."""
        with self.turn:
            self.journal.write(json.dumps(line) + "\n")
            self.journal.flush()

    def edit(self, edit: Edit, plan: Plan) -> None:
        """Do something to a session, if its plan is known to be there and was made in time."""
        made = self.known.get(edit.plan)
        entry = {"verb": edit.verb.value, "plan": edit.plan, "at": edit.at, "local": None}
        if made is None or made.get("tracked") is False:
            self.write({**entry, "skipped": True})
            return
        id_, wall = made["id"], self.wall_of(edit, plan)
        if edit.occurrence is not None or edit.ahead is not None:
            id_, entry["local"] = f"{id_}_{wall:%Y%m%dT%H%M%S}", wall.isoformat()
        if edit.person is not None:
            entry["person"] = self.people[edit.person]
        if edit.verb in (Verb.MOVE, Verb.SPLIT):
            entry["to"] = (wall + timedelta(seconds=edit.later)).isoformat()
        if edit.verb in (Verb.SPLIT, Verb.RERULE):
            entry |= {"title": f"edited at {edit.at:.3f}", "step": edit.step, "lasts": edit.lasts, "total": edit.total}
        self.note(entry, self.request(edit, id_, entry))

    def wall_of(self, edit: Edit, plan: Plan) -> datetime:
        """The local start of the session that an edit means, by what its client knows of the plan and of the time."""
        if edit.ahead is None:
            return self.first_of(plan) + (edit.occurrence or 0) * (plan.step or timedelta(0))
        grid = self.grids.get(plan.number) or Grid(self.first_of(plan), plan.step or timedelta(0), plan.count)
        now = round(max(self.began + edit.at, time.time() - A_LITTLE_LATE_S))
        return grid.near(datetime.fromtimestamp(now, UTC), edit.ahead)

    def request(self, edit: Edit, id_: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Send what an edit means."""
        match edit.verb:
            case Verb.REMOVE:
                return self.ask("PATCH", f"/sessions/{id_}/removedAt", {"removedAt": "2026-01-01T00:00:00Z"})
            case Verb.MARK:
                person = self.people[edit.person or 0]
                return self.ask("PUT", f"/sessions/{id_}/attendance/{person}", {"status": "PRESENT"})
            case Verb.RENAME:
                return self.ask("PATCH", f"/sessions/{id_}", {"title": f"renamed {edit.plan}"})
            case Verb.MOVE:
                return self.ask("PATCH", f"/sessions/{id_}", {"scheduledAt": entry["to"]})
            case Verb.SPLIT:
                body = {"scheduledAt": entry["to"], "title": entry["title"]}
                return self.ask("PATCH", f"/sessions/{id_}?scope=following", body)
            case Verb.RERULE:
                return self.ask("PATCH", f"/sessions/{id_}?scope=all", rule_of(edit) | {"title": entry["title"]})
            case _:
                return self.ask("POST", f"/sessions/{id_}/{edit.verb}", None)


def rule_of(edit: Edit) -> dict[str, Any]:
    """Another rule and length: what is left of the count goes on, unless there is another one."""
    duration = {"duration": f"PT{edit.lasts}S"}
    if edit.total is None:
        return {**duration, "recurringInterval": edit.step}
    return {**duration, "recurrence": {"rrule": f"FREQ=SECONDLY;INTERVAL={edit.step};COUNT={edit.total}"}}


def work(clients: Clients, todo: list[Plan | Edit], plans: dict[int, Plan]) -> None:
    """Take what comes next, wait for its time, do it; until nothing is left."""
    while True:
        with clients.turn:
            if not todo:
                return
            one = todo.pop()
        at = one.post_at if isinstance(one, Plan) else one.at
        time.sleep(max(0.0, clients.began + at - time.time()))
        if isinstance(one, Plan):
            clients.plan(one)
        else:
            clients.edit(one, plans[one.plan])


def main(argv: list[str]) -> None:
    """Do the whole schedule and keep the journal."""
    seed, seconds, rate, bursts, edited, series, reworked, began, port, journal = argv
    load = Load(rate=float(rate), bursts=float(bursts), edited=float(edited), series=int(series),
                reworked=float(reworked))  # fmt: skip
    plans, edits = schedule(int(seed), int(seconds), load)
    order: list[Plan | Edit] = [*plans, *edits]
    order.sort(key=lambda one: one.post_at if isinstance(one, Plan) else one.at, reverse=True)
    by_number = {plan.number: plan for plan in plans}
    with open(journal, "w") as lines:
        clients = Clients(port=int(port), key=os.environ["CHAOS_KEY"], began=float(began), journal=lines)
        clients.prepare()
        threads = [threading.Thread(target=work, args=(clients, order, by_number)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
