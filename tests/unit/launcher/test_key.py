"""A tenant's name that can't be taken is told before a database is looked for."""

from pathlib import Path

import pytest

from launcher import cli


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
@pytest.mark.parametrize("words", [["key", "create"], ["import", "calendar.ics"]], ids=" ".join)
def test_a_tenant_without_a_name_is_status_2(
    words: list[str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main([*words, "--tenant", name, "--data-dir", str(tmp_path)])

    told = capsys.readouterr().err.splitlines()[-1]
    assert "argument --tenant: got " in told
    assert "expected a name of 1 to 200 characters" in told
