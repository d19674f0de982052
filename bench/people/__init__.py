"""`bench people`: who came, measured. report.py: a person's report among ten million rows of attendance."""

from bench.people.command import register, run

NEEDS_POSTGRES = True

__all__ = ["NEEDS_POSTGRES", "register", "run"]
