"""The table of faults: one scenario a cell. `late_within_s` is what is promised of lateness while it lasts.

A promise of a second (`SECOND`) holds while a worker, a beat and the broker are there or back at once; six seconds
(`SIX`) while the lifeline has to do it; none (None) where the database itself was away. A machine of two cores that
starts killed processes all the time gets `ALLOWANCE` on top.
"""

from dataclasses import dataclass, field

from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.house import BEATS
from tests.chaos.plans import Load

ALLOWANCE_S = 2.0
SECOND = 1.0 + ALLOWANCE_S
SIX = 6.0 + ALLOWANCE_S

BUSY = Load(rate=6.0, bursts=1.5, edited=1.0, reworked=1.2)
MANY_SERIES = Load(rate=8.0, bursts=1.0, series=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table.

    doomed: programs that die at their fault points, of those that the patterns `points` mean. absent: programs that are
    not there. clocks: some programs have a clock that can be turned. seconds: how long its load lasts, unless said.
    """

    name: str
    what: str
    faults: tuple[Fault, ...] = ()
    late_within_s: float | None = SECOND
    load: Load = field(default_factory=Load)
    doomed: frozenset[str] = frozenset()
    points: str = "*"
    absent: tuple[str, ...] = ()
    beats: int = 2
    clocks: bool = False
    seconds: int = 60


TABLE = (
    Scenario(name="calm", what="nothing breaks"),
    Scenario(name="instant", what="edits at the very instant from many clients", load=BUSY),
    Scenario(name="worker-child", what="kill -9 of a worker's child every 0.2 to 0.5 s",
             faults=(faults.CHILDREN,)),
    Scenario(name="worker", what="kill -9 of one worker every 0.2 to 0.5 s", faults=(faults.ONE_WORKER,)),
    Scenario(name="workers", what="kill -9 of all workers every 0.2 to 0.5 s", faults=(faults.ALL_WORKERS,),
             late_within_s=SIX),
    Scenario(name="beat", what="kill -9 of one of two beats every 0.2 to 0.5 s", faults=(faults.ONE_BEAT,)),
    Scenario(name="beats", what="kill -9 of both beats every 0.2 to 0.5 s", faults=(faults.ALL_BEATS,),
             late_within_s=SIX),
    Scenario(name="lifeline", what="kill -9 of the lifeline every 0.2 to 0.5 s", faults=(faults.LIFELINE,)),
    Scenario(name="no-beat", what="no beat at all", absent=BEATS, late_within_s=SIX),
    Scenario(name="five-beats", what="five beats", beats=5),
    Scenario(name="flush", what="FLUSHALL every 0.2 to 0.5 s", faults=(faults.broker_flushed,)),
    Scenario(name="broker-killed", what="kill -9 of Valkey, empty restart, every 4 to 8 s", faults=(faults.BROKER,),
             late_within_s=SIX),
    Scenario(name="broker-away", what="30 s without Valkey", faults=(faults.broker_away,), late_within_s=SIX),
    Scenario(name="broker-halted", what="SIGSTOP of Valkey for 20 s", faults=(faults.halted("valkey", 20.0, 10.0),),
             late_within_s=SIX),
    Scenario(name="database-stopped", what="immediate stop and restart of PostgreSQL every 4 to 9 s",
             faults=(faults.database_stopping(4.0, 9.0),), late_within_s=None),
    Scenario(name="backends", what="backends terminated every 0.02 to 0.2 s", faults=(faults.backends_terminated,),
             late_within_s=SIX),
    Scenario(name="database-halted", what="SIGSTOP of PostgreSQL for 10 s",
             faults=(faults.halted("postgres", 10.0, 12.0),), late_within_s=None),
    Scenario(name="materializing", what="rows rewound, workers' children killed while they materialize",
             faults=(faults.materializing, faults.CHILDREN), load=MANY_SERIES),
    Scenario(name="materializing-stopped", what="immediate stop of PostgreSQL while a week is materialized",
             faults=(faults.stopped_while_materializing,), load=MANY_SERIES, late_within_s=None),
    Scenario(name="points", what="API, a worker and the lifeline die once at every point: statement, commit",
             faults=(faults.points,), doomed=frozenset({"api", "worker1", "lifeline"}), late_within_s=SIX),
    Scenario(name="points-beat", what="the only beat dies once at every point: statement, commit, publish",
             faults=(faults.points,), doomed=frozenset({"beat1"}), beats=1, late_within_s=SIX, seconds=120),
    Scenario(name="points-publish", what="the only beat dies once before and after each kind of hint",
             faults=(faults.points, faults.materializing), load=MANY_SERIES, doomed=frozenset({"beat1"}), beats=1,
             points="*:publish:*", late_within_s=SIX),
    Scenario(name="points-bulk", what="the materializer dies once at every point: statement, commit",
             faults=(faults.points, faults.materializing), load=MANY_SERIES, doomed=frozenset({"bulk"}),
             points="*,!*heartbeat*", seconds=90),  # where any worker writes that one, `points` has it
    Scenario(name="points-lifeline", what="the lifeline dies once at every point, with no beat",
             faults=(faults.points,), doomed=frozenset({"lifeline"}), absent=BEATS, late_within_s=None),
    Scenario(name="held", what="a transaction holds 25 rows of a herd for 60 s", faults=(faults.rows_held,),
             seconds=70),
    Scenario(name="exhausted", what="every connection of PostgreSQL taken for 3 to 6 s",
             faults=(faults.connections_exhausted,), late_within_s=None),
    Scenario(name="clocks", what="clocks of a worker and a beat step by an hour", faults=(faults.clocks_stepped,),
             clocks=True, late_within_s=SIX),
    Scenario(name="hints", what="hints doubled, dropped and reordered", faults=(faults.hints_disordered,),
             late_within_s=SIX),
    Scenario(name="mix", what="a worker, its children, beats, Valkey and PostgreSQL killed, series rewound, at once",
             faults=(faults.killing("worker1", "bulk", pause=faults.seldom), faults.children_of("worker1", "bulk"),
                     faults.killing(*BEATS, pause=faults.seldom), faults.BROKER,
                     faults.database_stopping(14.0, 18.0), faults.materializing),
             load=Load(rate=10.0, bursts=2.0, series=24), late_within_s=None),
    Scenario(name="slice",
             what="a worker, children, a beat, Valkey, PostgreSQL killed: in `make test` for 40 s by seed 4",
             faults=(faults.killing("worker1", pause=faults.seldom), faults.children_of("worker1", "bulk"),
                     faults.killing("beat1", pause=faults.seldom), faults.BROKER, faults.database_stopping(14.0, 18.0),
                     faults.materializing),
             load=Load(rate=10.0, bursts=2.0, series=24), late_within_s=None, seconds=40),
)  # fmt: skip

BY_NAME = {scenario.name: scenario for scenario in TABLE}
