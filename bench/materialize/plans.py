"""The plans that are materialized: everyday rules, begun up to eight years ago, half of them with a room of their own.

Ten plans share a room, each at its own hour, so that nothing clashes and yet every booking has neighbours.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import recurrence
from db.models import AutoStart, PlanType
from uuid_utils.compat import uuid7

RULES: Final = (  # the everyday rules of `bench expand`, without the hourly one: it alone would be nine tenths of the rows
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
)
ZONES: Final = ("America/New_York", "Asia/Seoul", "Europe/Berlin", "Australia/Sydney")
HOURS: Final = range(8, 18)  # local starts; as many plans share a room
OLDEST: Final = timedelta(days=8 * 365)

TENANT: Final = UUID("01990000-0000-7000-8000-000000000001")

TENANT_COLUMNS: Final = ("id", "name", "time_zone", "created_at")
SPACE_COLUMNS: Final = ("tenant_id", "id", "name", "created_at", "updated_at")
SERIES_COLUMNS: Final = ("tenant_id", "id", "type", "tracked_from", "created_at", "updated_at", "version")
