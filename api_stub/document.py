"""The OpenAPI document of an app: what the framework gathers from the calls, made whole.

Added are the shapes of answers, and a sentence for every field and parameter; refusals, the same for every call, are
said once; taken away is what only repeats a name. `docs/openapi.json` is this document (`make openapi`).
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from flask_openapi3.openapi import OpenAPI
from pydantic.json_schema import models_json_schema

from api_stub import edit_shapes, export_shapes, people_shapes, plan_shapes, report_shapes, schema, shapes
from api_stub.words import WORDS

ANSWERS = (
    edit_shapes.Edited,
    export_shapes.Export,
    plan_shapes.PlanOrSession,
    plan_shapes.PlannedSessions,
    plan_shapes.SessionPage,
    people_shapes.AttendanceImport,
    people_shapes.AttendanceImportReport,
    report_shapes.AttendanceReport,
    report_shapes.CompletionReport,
    people_shapes.Attendances,
    shapes.Busy,
    shapes.Changes,
    shapes.Count,
    people_shapes.Enrolment,
    people_shapes.Enrolments,
    shapes.History,
    shapes.ImportedCalendar,
    shapes.Key,
    shapes.KeyPage,
    shapes.NamedPage,
    shapes.Outcomes,
    people_shapes.Progress,
    shapes.RoutinePage,
    shapes.UserPage,
)
"""The shapes that calls name; those within them come along."""


NOISE = frozenset({"title", "$defs"})

REFUSED = "Refused"
REFUSAL_OF = {status: {"$ref": f"#/components/responses/{REFUSED}{status}"} for status in schema.REFUSALS}
"""How a call says that it may refuse."""


def of_app(app: OpenAPI) -> dict[str, Any]:
    """The document of all calls of an app."""
    document: dict[str, Any] = copy.deepcopy(app.api_doc)
    schemas = document["components"]["schemas"]
    schemas |= shown()
    for name in sorted(schemas):
        schemas[name] = tidy(schemas.pop(name))
        for field, part in schemas[name].get("properties", {}).items():
            say(part, name, field)
    document["components"]["responses"] = {REFUSED + status: refusal(text) for status, text in schema.REFUSALS.items()}
    for call in calls(document):
        call["responses"] |= {status: REFUSAL_OF[status] for status in call["responses"] if status in REFUSAL_OF}
        for parameter in call.get("parameters", ()):
            parameter["schema"] = in_query(parameter["schema"])
            say(parameter, "", parameter["name"])
    for item in document["paths"].values():
        if "post" in item:
            item["post"].setdefault("parameters", []).append(schema.IDEMPOTENCY_KEY)
    return document


def text_of(document: dict[str, Any]) -> str:
    """The document as it is kept in the repository."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def shown() -> dict[str, Any]:
    """The JSON schema of every shape, by name."""
    template = "#/components/schemas/{model}"
    _, found = models_json_schema([(shape, "serialization") for shape in ANSWERS], ref_template=template)
    return dict(found["$defs"])


def refusal(text: str) -> dict[str, Any]:
    """An answer that refuses, as a problem."""
    return {"description": text, "content": schema.PROBLEM}


def calls(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every call of a document."""
    for item in document["paths"].values():
        yield from item.values()


def tidy(part: Any) -> Any:
    """A schema without what only repeats: titles made of names, definitions that stand elsewhere, null as a default."""
    if isinstance(part, list):
        return [tidy(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {key: tidy(value) for key, value in part.items() if key not in NOISE and (key, value) != ("default", None)}
    if "properties" in kept:
        kept["properties"] = {name: tidy(one) for name, one in part["properties"].items()}
    return kept


def in_query(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: a query has no null, so one is not among the choices."""
    kept: dict[str, Any] = tidy(part)
    choices = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    return kept | (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})


def say(part: dict[str, Any], schema: str, name: str) -> None:
    """Give a field or parameter its sentence, unless its model said one."""
    if "description" not in part:
        found = WORDS.get(f"{schema}.{name}") or WORDS.get(name)
        if found is not None:
            part["description"] = found
