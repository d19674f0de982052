"""`/openapi/openapi.json` (3.1), and `/docs`: the same as one plain page, without scripts and without a CDN."""

from typing import Any

from flask import Response, current_app, render_template_string
from flask_openapi3.openapi import OpenAPI

from api_stub import answer
from api_stub import document as openapi

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ info.title }} {{ info.version }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code { background: #8882; padding: .1em .3em; border-radius: .2em }
td { vertical-align: top; padding-right: 1rem }
h2 { margin-top: 2rem; border-top: 1px solid #8886; padding-top: 1rem }
summary { cursor: pointer }
</style>
<h1>{{ info.title }} {{ info.version }}</h1>
<p>{{ info.description }} The same for machines: <a href="/openapi/openapi.json">openapi.json</a>.</p>
{% macro rows(title, pairs) %}
<details><summary>{{ title }}</summary><table>
{% for name, text in pairs %}<tr><td><code>{{ name }}</code></td><td>{{ text or "" }}</td></tr>
{% endfor %}</table></details>
{% endmacro %}
{% for call in calls %}
<h2><code>{{ call.method }} {{ call.path }}</code></h2>
<p>{{ call.summary }}</p>
{% if call.parameters %}{{ rows("parameters", call.parameters) }}{% endif %}
{% if call.fields %}{{ rows("body", call.fields) }}{% endif %}
{{ rows("answers", call.answers) }}
{% endfor %}
</html>
"""

STYLED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def register(app: OpenAPI) -> None:
    """Give `app` the two calls."""
    app.add_url_rule("/openapi/openapi.json", "openapi_json", openapi_json)
    app.add_url_rule("/docs", "docs", page)


def document() -> dict[str, Any]:
    """The OpenAPI document of this app, with the header that every POST takes."""
    app = current_app
    assert isinstance(app, OpenAPI)
    return openapi.of_app(app)


def openapi_json() -> Response:
    """The OpenAPI document."""
    return answer.done(document())


def page() -> Response:
    """Every call on one page."""
    spec = document()
    calls = [
        {
            "path": path,
            "method": method.upper(),
            "summary": call["summary"],
            "parameters": [(one["name"], one.get("description")) for one in call.get("parameters", [])],
            "fields": [(name, one.get("description")) for name, one in fields_of(call, spec).items()],
            "answers": [(status, words_of(one, spec)) for status, one in call["responses"].items()],
        }
        for path, item in spec["paths"].items()
        for method, call in item.items()
    ]
    shown = Response(render_template_string(PAGE, info=spec["info"], calls=calls))
    shown.headers["Content-Security-Policy"] = STYLED
    return shown


def words_of(answered: dict[str, Any], spec: dict[str, Any]) -> str:
    """What an answer means; a refusal is the same for every call."""
    found: dict[str, Any] = answered
    if "$ref" in answered:
        found = spec["components"]["responses"][answered["$ref"].rsplit("/", 1)[1]]
    return str(found["description"])


def fields_of(call: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """The fields of a call's body; none where it has none, or is more than a JSON object."""
    body = call.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None or "$ref" not in body["schema"]:
        return {}
    reference = body["schema"]["$ref"]
    found: dict[str, Any] = spec["components"]["schemas"][reference.rsplit("/", 1)[1]]["properties"]
    return found
