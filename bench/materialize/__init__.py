"""`bench materialize`: from plans to committed rows, beside a COPY of the same rows into the same tables.

plans.py says which plans, ground.py makes the databases, writing.py writes in both ways; command.py puts them together.
"""

from bench.materialize.command import register, run

NEEDS_POSTGRES = True

__all__ = ["NEEDS_POSTGRES", "register", "run"]
