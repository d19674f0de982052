"""`bench expand`: how fast plans become sessions.

plans.py says which plans and windows, engines.py what each engine is asked, agreement.py that all answer the same.
speed.py, never.py, room.py and hostile.py (with the texts of attacks.py) each measure one thing; command.py puts them
together.
"""

from bench.expand.command import register, run

__all__ = ["register", "run"]
