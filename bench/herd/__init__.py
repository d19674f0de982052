"""`bench herd`: sessions that fall due together, through beat, broker and a worker, and what the machine could do.

due.py lets herds and single sessions fall due and reads how late each was; limit.py is what the database can do at
most; peer.py is a task for each session; figures.py says what each ought to be, command.py puts them together.
"""

from bench.herd.command import register, run

__all__ = ["register", "run"]
