"""What `sessionbeat preview` prints, and how it refuses."""

import argparse
import json

import pytest

from launcher import preview


def ask(*words: str) -> int:
    parser = argparse.ArgumentParser()
    preview.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["preview", *words])
    return int(args.run(args))


def test_one_line_per_session_then_the_rule_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    code = ask("--dtstart", "2026-03-07T02:30", "--tz", "America/New_York", "--rrule", "FREQ=DAILY;COUNT=3")

    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-03-07T02:30:00  2026-03-07T07:30:00Z  2026-03-07T08:30:00Z",
        "2026-03-08T03:30:00  2026-03-08T07:30:00Z  2026-03-08T08:30:00Z",
        "2026-03-09T02:30:00  2026-03-09T06:30:00Z  2026-03-09T07:30:00Z",
        "every day, 3 times",
    ]


def test_the_duration_and_the_window_are_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    start = ("--dtstart", "2026-01-05T09:00", "--tz", "Asia/Seoul", "--rrule", "FREQ=DAILY", "--duration", "PT50M")

    ask(*start, "--from", "2026-02-01", "--to", "2026-02-03T00:00:00Z")

    assert capsys.readouterr().out.splitlines()[:-1] == [
        "2026-02-01T09:00:00  2026-02-01T00:00:00Z  2026-02-01T00:50:00Z",
        "2026-02-02T09:00:00  2026-02-02T00:00:00Z  2026-02-02T00:50:00Z",
    ]


def test_extra_and_left_out_dates_count(capsys: pytest.CaptureFixture[str]) -> None:
    ask(
        *("--dtstart", "20260105T180000Z", "--rrule", "FREQ=WEEKLY;COUNT=3"),
        *("--rdate", "20260106T180000,20260107T180000", "--exdate", "2026-01-12", "--exdate", "2026-02-02"),
    )

    lines = capsys.readouterr().out.splitlines()
    assert [line[:10] for line in lines[:-2]] == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-19"]
    assert lines[-1] == "warning: EXDATE 20260202 matches no session"


def test_json_holds_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    ask(
        "--dtstart",
        "2026-01-05",
        "--tz",
        "Europe/Berlin",
        "--rrule",
        "FREQ=MONTHLY;BYDAY=2TU",
        "--limit",
        "1",
        "--json",
    )

    answer = json.loads(capsys.readouterr().out)
    assert answer["sessions"] == [
        {
            "recurrenceId": "2026-01-13T00:00:00",
            "startsLocal": "2026-01-13T00:00:00",
            "scheduledAt": "2026-01-12T23:00:00Z",
            "scheduledEndAt": "2026-01-13T23:00:00Z",
        }
    ]
    assert answer["text"] == "every month on the 2nd Tuesday"
    assert answer["timeZone"] == "Europe/Berlin"
    assert answer["warnings"] == [
        "the rule does not give the start 2026-01-05T00:00:00; its first is 2026-01-13T00:00:00"
    ]


def test_a_single_date_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    ask("--dtstart", "2026-01-05T09:00:00+09:00", "--tz", "Asia/Seoul")

    assert capsys.readouterr().out.splitlines() == [
        "2026-01-05T09:00:00  2026-01-05T00:00:00Z  2026-01-05T01:00:00Z",
        "once",
    ]


def test_an_instant_without_a_zone_is_shown_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    ask("--dtstart", "2026-01-05T09:00:00+09:00")

    assert capsys.readouterr().out.startswith("2026-01-05T00:00:00  2026-01-05T00:00:00Z")


def test_a_rule_that_never_fires_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code = ask("--dtstart", "2026-01-01T09:00", "--rrule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")

    assert code == 0
    assert capsys.readouterr().out.splitlines()[-1] == "warning: this plan has no session at all"


def test_sessions_that_overlap_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    ask("--dtstart", "2026-01-01T09:00", "--rrule", "FREQ=HOURLY", "--duration", "PT2H", "--limit", "1")

    assert "warning: sessions overlap: the one of 2026-01-01 09:00:00" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["--rrule", "FREQ=DAILY;INTERVAL=0"], "INTERVAL: got 0, expected a whole number from 1 to 1000000000"),
        (["--tz", "Mars/Olympus"], "--tz: got Mars/Olympus, expected an IANA name known to tzdata, or UTC"),
        (["--duration", "P1M"], "DURATION: got P1M, expected weeks, days, hours, minutes or seconds: "),
        (["--duration", "PT0S"], "DURATION: got PT0S, expected a length above zero"),
        (["--exdate", "yesterday"], "EXDATE: got yesterday, expected a date or time like "),
        (["--from", "2026-01-01T00:00/PT1H"], "--from: got 2026-01-01T00:00/PT1H, expected one date or time"),
        (
            ["--from", "2026-03-02", "--to", "2026-03-01T12:00"],
            "--from: got 2026-03-02, expected a time before --to 2026-03-01T12:00",
        ),
        (["--from", "2026-03-01", "--to", "20260301T000000Z"], "--from: got 2026-03-01, expected a time before --to "),
        (["--limit", "0"], "--limit: got 0, expected a whole number from 1 to 10000"),
        (["--dtstart", "2026-01-01T00:00/PT1H"], "--dtstart: got 2026-01-01T00:00/PT1H, expected one date or time"),
    ],
)
def test_a_wrong_plan_exits_2_with_one_clear_line(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    code = ask("--dtstart", "2026-01-05T09:00", *words)

    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert told.err.startswith(sentence)
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--tz", "--rrule", "--duration", "--from", "--to", "--rdate", "--exdate"])
def test_an_option_without_a_value_is_refused_in_one_line(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = ask("--dtstart", "2026-03-07T02:30", option, "")

    told = capsys.readouterr()
    assert (code, told.out, told.err.count("\n")) == (2, "", 1)
    assert "got nothing" in told.err


def test_a_window_beyond_the_calendar_is_refused_by_the_name_of_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    code = ask("--dtstart", "2026-03-07T02:30", "--tz", "America/New_York", "--to", "9999-12-31T23:00")

    assert code == 2
    assert capsys.readouterr().err.startswith("--to: got 9999-12-31T23:00, ")


def test_what_would_be_refused_as_too_frequent_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    ask("--dtstart", "2026-03-07T02:30", "--rrule", "FREQ=MINUTELY", "--duration", "PT30S", "--limit", "1")

    assert capsys.readouterr().out.splitlines()[-1].startswith("warning: up to 1440 sessions a day")


@pytest.mark.parametrize(
    "more, words",
    [
        (["--rdate", "2026-03-09T02:30"], "2 times"),
        (["--rdate", "2026-03-09T02:30,2026-03-10T02:30", "--exdate", "2026-03-10", "--limit", "1"], "2 times"),
        (["--rdate", "2026-03-09T02:30", "--exdate", "2026-03-07"], "once"),
        (["--rdate", "2026-03-07T02:30"], "once"),
        (["--exdate", "2026-03-07"], "never"),
    ],
)
def test_without_a_rule_the_words_tell_how_often(
    capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    ask("--dtstart", "2026-03-07T02:30", "--tz", "America/New_York", *more, "--json")

    assert json.loads(capsys.readouterr().out)["text"] == words


@pytest.mark.parametrize(
    "rule, more",
    [
        ("FREQ=YEARLY;UNTIL=20260601", []),
        ("FREQ=DAILY;COUNT=2", ["--exdate", "2026-03-08"]),
    ],
)
def test_a_rule_that_fires_once_says_so(rule: str, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    ask("--dtstart", "2026-03-07T02:30", "--rrule", rule, *more)

    assert capsys.readouterr().out.splitlines()[-1] == "warning: this plan fires once"


def test_a_rule_whose_second_start_is_out_of_reach_is_not_said_to_fire_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rule = "FREQ=HOURLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYHOUR=9"

    ask("--dtstart", "2032-02-29T09:00", "--rrule", rule, "--limit", "1")

    assert "warning" not in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--rrule", "FREQ=DAILY;COUNT=1"], [], ["--rrule", "FREQ=DAILY;COUNT=2"]])
def test_a_plan_that_means_one_session_or_has_several_gets_no_warning(
    more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ask("--dtstart", "2026-03-07T02:30", *more)

    assert "warning" not in capsys.readouterr().out
