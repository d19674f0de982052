"""`/`: what this is, and where to go from here. One page without scripts, and nothing of anybody's data on it."""

from flask import Response, render_template_string
from flask_openapi3.openapi import OpenAPI

from api_stub import docs, schema

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ info.title }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
code { background: #8882; padding: .1em .3em; border-radius: .2em }
</style>
<h1>{{ info.title }} {{ info.version }}</h1>
<p>{{ info.description }}</p>
<p>Apps talk to it under <code>{{ prefix }}</code>, with a key: <code>Authorization: Bearer sb_...</code></p>
<ul>
<li><a href="/docs">every call</a>, and <a href="/openapi/openapi.json">the same for machines</a> (OpenAPI 3.1)</li>
<li><a href="/healthz">whether this process answers</a></li>
<li><a href="/readyz">whether the whole house can do its work</a></li>
</ul>
</html>
"""


def register(app: OpenAPI) -> None:
    """Give `app` the page."""
    app.add_url_rule("/", "front", page)


def page() -> Response:
    """The page."""
    shown = Response(render_template_string(PAGE, info=schema.INFO, prefix=schema.PREFIX))
    shown.headers["Content-Security-Policy"] = docs.STYLED
    return shown
