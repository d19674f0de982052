"""`python -m api_stub` prints the OpenAPI document, as `docs/openapi.json` keeps it. No database is asked."""

import sys

from api_stub import document
from api_stub.app import create_app
from config.settings import Settings

sys.stdout.write(document.text_of(document.of_app(create_app(Settings()))))
