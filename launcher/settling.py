"""What `sessionbeat up` does when the servers answer, and needs more than they do: it is loaded while others start."""

import dataclasses

from config.settings import Settings
from launcher import arrival, facts, opening
from launcher.crew import Crew
from launcher.facts import Facts
from launcher.place import Place
from launcher.supervisor import Supervisor


def migrate(known: Facts) -> None:
    """Bring the schema to the newest revision."""
    opening.migrate(known.database_url or "")


def settle(keeper: Supervisor, where: Place, crew: Crew, known: Facts, given: Settings, demo: bool) -> Facts:
    """See to a key and the demo while the processes start, then wait for them; answers all the facts.

    Raises StartFailed.
    """
    key = opening.furnish(known.database_url or "", known.key, demo=demo, given=given)
    known = dataclasses.replace(known, key=key)
    facts.write(where.root, known)
    return arrival.wait(keeper, where, crew, known)
