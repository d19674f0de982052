"""`bench people`: who came.

close.py is a herd of classes that end, closed and measured; marking.py marks in bulk beside COPY; check_in.py is a
check-in over HTTP beside the same statements by hand (by_hand.py); ground.py stores what they need. report.py is a
person's report among ten million rows of attendance.
"""

from bench.people.command import register, run

NEEDS_POSTGRES = True

__all__ = ["NEEDS_POSTGRES", "register", "run"]
