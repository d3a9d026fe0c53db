"""What commands print for people."""

import pytest

from commands.terminal import table


def test_in_a_narrow_terminal_dates_and_places_were_cut_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    columns = ("number", "status", "priority", "category", "place", "department", "due")
    row = ("261129-1", "accepted", "normal", "乱丢垃圾", "文昌路12号学府街口东侧", "urban", "2026-12-02 17:30")
    table([columns, row, ("261129-2", *[None] * 6)], "reports: 2")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    shown = "".join("".join(lines).split())
    assert all(word in shown for word in ("2026-12-02", "17:30", "department", "—")) and "…" not in shown
    assert set("文昌路12号学府街口东侧") <= set(shown)
