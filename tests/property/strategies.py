"""Random rules, zones and starts, drawn so that most rules fire within a window the oracle can walk."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ZONES = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Europe/Dublin",  # winter time is the deviation
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # no 30 December 2011
    "Asia/Seoul",  # none since 1988
    "America/Sao_Paulo",  # midnight was skipped until 2018
    "Asia/Gaza",
    "Africa/Casablanca",
]
SPANS = {  # how far a window reaches from DTSTART
    "YEARLY": timedelta(366 * 12),
    "MONTHLY": timedelta(366 * 3),
    "WEEKLY": timedelta(400),
    "DAILY": timedelta(300),
    "HOURLY": timedelta(20),
    "MINUTELY": timedelta(hours=30),
    "SECONDLY": timedelta(minutes=50),
}


def starts() -> st.SearchStrategy[datetime]:
    """DTSTARTs, many of them close to a clock change of some zone."""
    anywhere = st.datetimes(datetime(1990, 1, 1), datetime(2045, 1, 1)).map(lambda d: d.replace(microsecond=0))
    near = st.sampled_from(
        [
            datetime(2026, 3, 7, 2, 30),
            datetime(2026, 10, 31, 1, 30),
            datetime(2011, 12, 28, 9),
            datetime(2018, 11, 3, 0, 15),
            datetime(2026, 3, 28, 1, 0),
            datetime(2026, 10, 3, 2, 0),
            datetime(2028, 2, 29, 18, 0),
            datetime(2026, 12, 31, 23, 59, 59),
        ]
    )
    return st.one_of(anywhere, near)


def numbers(low: int, high: int, signed: bool = False, most: int = 4) -> st.SearchStrategy[str]:
    """A comma-separated list for one part."""
    values = st.integers(low, high)
    if signed:
        values = st.one_of(values, st.integers(-high, -low))
    return st.lists(values, min_size=1, max_size=most, unique=True).map(lambda ns: ",".join(map(str, ns)))


def weekdays(freq: str, ordinals: bool) -> st.SearchStrategy[str]:
    """BYDAY, with ordinals where they have a meaning."""
    day = st.sampled_from(DAYS)
    if ordinals:
        limit = 5 if freq == "MONTHLY" else 53
        number = st.one_of(st.just(""), st.integers(1, limit).map(str), st.integers(-limit, -1).map(str))
        day = st.tuples(number, day).map("".join)
    return st.lists(day, min_size=1, max_size=4, unique=True).map(",".join)


@st.composite
def rules(draw: st.DrawFn, counted: bool = True, freqs: tuple[str, ...] = tuple(SPANS)) -> str:
    """A legal rule as text, COUNT allowed if `counted`."""
    freq = draw(st.sampled_from(freqs))
    interval = draw(st.one_of(st.just(1), st.integers(1, 4), st.integers(1, 40)))
    parts = {"FREQ": freq, "INTERVAL": str(interval)}
    for name, strategy in options(draw, freq).items():
        if draw(st.integers(0, 3)) == 0:
            parts[name] = draw(strategy)
    if "BYWEEKNO" in parts and "BYDAY" in parts:
        parts["BYDAY"] = draw(weekdays(freq, ordinals=False))
    if any(name.startswith("BY") for name in parts) and draw(st.integers(0, 2)) == 0:
        parts["BYSETPOS"] = draw(numbers(1, 6, signed=True, most=2))
    if draw(st.integers(0, 3)) == 0:
        parts["WKST"] = draw(st.sampled_from(DAYS))
    if freq in ("MONTHLY", "YEARLY") and draw(st.integers(0, 3)) == 0:
        parts |= {"RSCALE": "GREGORIAN", "SKIP": draw(st.sampled_from(["BACKWARD", "FORWARD", "OMIT"]))}
    if counted and draw(st.integers(0, 2)) == 0:
        parts["COUNT"] = str(draw(st.integers(1, 30)))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def options(draw: st.DrawFn, freq: str) -> dict[str, st.SearchStrategy[str]]:
    """The BY parts that a frequency may have."""
    found = {
        "BYMONTH": numbers(1, 12, most=6),
        "BYDAY": weekdays(freq, ordinals=freq in ("MONTHLY", "YEARLY")),
        "BYHOUR": numbers(0, 23, most=8),
        "BYMINUTE": numbers(0, 59),
        "BYSECOND": numbers(0, 60),
    }
    if freq != "WEEKLY":
        found["BYMONTHDAY"] = numbers(1, 31, signed=True)
    if freq in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY"):
        found["BYYEARDAY"] = numbers(1, 366, signed=True, most=8)
    if freq == "YEARLY":
        found["BYWEEKNO"] = numbers(1, 53, signed=True)
    return found


def span_of(rule: str) -> timedelta:
    """How far the oracle can walk for this rule."""
    return next(span for freq, span in SPANS.items() if f"FREQ={freq}" in rule)
