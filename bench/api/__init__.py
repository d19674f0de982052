"""`bench api`: the API over HTTP, beside handlers written by hand and with an ORM, a million sessions stored.

stock.py stores the sessions, serving.py starts gunicorn, client.py asks; by_hand.py and usual.py are the other
handlers; weeks.py, writing.py and race.py measure, figures.py says what each ought to be, command.py joins them.
"""

from bench.api.command import register, run

NEEDS_POSTGRES = True

__all__ = ["NEEDS_POSTGRES", "register", "run"]
