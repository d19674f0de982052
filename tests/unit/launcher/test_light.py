"""`sessionbeat up` starts its servers and processes before it loads what it needs itself afterwards."""

import subprocess
import sys

HEAVY = ("sqlalchemy", "celery", "alembic", "flask")


def test_up_loads_nothing_heavy_before_its_processes_start() -> None:
    asked = f"import sys, launcher.cli, launcher.up; print([one for one in {HEAVY} if one in sys.modules])"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
