"""Progress moves in a terminal and stays out of the way of a log."""

import pytest

from bridge.sandbox.progress import MovingLine, PlainLines, progress


def test_a_log_gets_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress()
    assert isinstance(shown, PlainLines)
    for number in range(100):
        shown.update(f"{number} of 100 cases final")
    shown.event("case 7  Status To Dial")
    shown.close()
    assert capsys.readouterr().out == "0 of 100 cases final\ncase 7  Status To Dial\n"


def test_a_terminal_gets_a_line_that_moves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    shown = MovingLine()
    shown.event("first")
    shown.update("0 of 2 cases final, 0 calls")
    shown.update("0 of 2 cases final, 0 calls")
    shown.event("second")
    shown.close()
    clear = "\r\x1b[2K"
    # Cut to the width: a line that wraps could not be cleared.
    line = f"{clear}0 of 2 cases final,"
    assert capsys.readouterr().out == f"first\n{line}{clear}second\n{line}{clear}"
