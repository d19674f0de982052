"""The clients: a process of its own that plans and edits over HTTP at the times of the schedule, and keeps a journal.

Every request is a line of the journal: what was asked, when it was sent, and what came back. No request is sent twice.
A 2xx is an acknowledgement; a 4xx means that nothing happened; anything else means that nobody knows.

Called as `python -m tests.chaos.clients SEED SECONDS RATE BURSTS EDITED SERIES BEGAN PORT JOURNAL`; the key comes by
the variable CHAOS_KEY.
"""

import http.client
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.chaos.plans import MOVE, PEOPLE, ROOMS, Edit, Load, Plan, Verb, schedule

THREADS = 32
ATTEMPTS = 30  # of making a person or a room
TIMEOUT_S = 12.0  # longer than the API's own patience with its database
KEPT = ("id", "state", "scheduledAt", "scheduledEndAt", "startedAt", "endedAt", "removedAt", "tracked", "createdAt",
        "title", "status", "markedAt", "code", "detail")  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Clients:
    """What the threads share: where to ask, what is known of the plans by now, and the journal."""

    port: int
    key: str
    began: float
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)

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
        except (OSError, http.client.HTTPException, ValueError) as error:
            told["error"] = repr(error)
        finally:
            connection.close()
        return told

    def prepare(self) -> None:
        """Make the people and rooms that plans refer to."""
        self.people += [self.made("/users", f"p{number}") for number in range(PEOPLE)]
        self.rooms += [self.made("/spaces", f"room{number}") for number in range(ROOMS)]

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
        zone = ZoneInfo(plan.zone)
        name = f"chaos-{plan.number}"  # by its description it is known again: nobody edits that
        asked: dict[str, Any] = {"title": name, "description": name, "timeZone": plan.zone,
                 "scheduledAt": datetime.fromtimestamp(start, zone).strftime("%Y-%m-%dT%H:%M:%S"),
                 "duration": f"PT{plan.lasts}S", "autoStart": "MANUAL" if plan.manual else "SCHEDULED",
                 "autoEnd": not plan.open_end, "exclusive": ["space"],
                 "participants": [self.people[one] for one in plan.people]}  # fmt: skip
        if plan.room is not None:
            asked["spaceId"] = self.rooms[plan.room]
        if plan.rule is not None:
            asked["recurrence"] = {"rrule": plan.rule}
        told = self.ask("POST", "/sessions", asked)
        meant = {"starts": start, "lasts": plan.lasts, "manual": plan.manual, "open_end": plan.open_end,
                 "rule": plan.rule, "zone": plan.zone, "people": asked["participants"],
                 "room": asked.get("spaceId")}  # fmt: skip
        if told["status"] == 201:
            self.known[plan.number] = told["body"]
        self.journal.append({"verb": "create", "plan": plan.number, "at": plan.post_at, **meant, **told})

    def edit(self, edit: Edit, plan: Plan) -> None:
        """Do something to a session, if its plan is known to be there and was made in time."""
        made = self.known.get(edit.plan)
        entry = {"verb": edit.verb.value, "plan": edit.plan, "at": edit.at, "local": None}
        if made is None or made.get("tracked") is False:
            self.journal.append({**entry, "skipped": True})
            return
        id_ = made["id"]
        if edit.occurrence is not None:
            assert plan.step is not None
            first = datetime.fromtimestamp(int(self.began) + plan.starts, ZoneInfo(plan.zone)).replace(tzinfo=None)
            local = first + edit.occurrence * plan.step
            id_, entry["local"] = f"{id_}_{local:%Y%m%dT%H%M%S}", local.isoformat()
        start = datetime.fromtimestamp(int(self.began) + plan.starts, UTC)
        told = self.request(edit, id_, start)
        if edit.person is not None:
            entry["person"] = self.people[edit.person]
        self.journal.append({**entry, **told})

    def request(self, edit: Edit, id_: str, start: datetime) -> dict[str, Any]:
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
                later = datetime.fromtimestamp(start.timestamp() + MOVE, UTC)
                return self.ask("PATCH", f"/sessions/{id_}", {"scheduledAt": later.isoformat()})
            case _:
                return self.ask("POST", f"/sessions/{id_}/{edit.verb}", None)


def work(clients: Clients, todo: list[Plan | Edit], plans: dict[int, Plan], turn: threading.Lock) -> None:
    """Take what comes next, wait for its time, do it; until nothing is left."""
    while True:
        with turn:
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
    """Do the whole schedule and write the journal."""
    seed, seconds, rate, bursts, edited, series, began, port, journal = argv
    clients = Clients(port=int(port), key=os.environ["CHAOS_KEY"], began=float(began))
    load = Load(rate=float(rate), bursts=float(bursts), edited=float(edited), series=int(series))
    plans, edits = schedule(int(seed), int(seconds), load)
    clients.prepare()
    order: list[Plan | Edit] = [*plans, *edits]
    order.sort(key=lambda one: one.post_at if isinstance(one, Plan) else one.at, reverse=True)
    turn, by_number = threading.Lock(), {plan.number: plan for plan in plans}
    threads = [threading.Thread(target=work, args=(clients, order, by_number, turn)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(journal, "w") as lines:
        lines.writelines(json.dumps(entry) + "\n" for entry in clients.journal)


if __name__ == "__main__":
    main(sys.argv[1:])
