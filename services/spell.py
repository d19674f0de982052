"""For how long a drain goes on; a larger backlog is left to the next one."""

from datetime import timedelta
from typing import Final

OF_A_TASK: Final = timedelta(seconds=30)  # so that no task meets its time limit
OF_A_LOOK: Final = timedelta(seconds=1)  # so that who drains by itself says in between that it is alive
