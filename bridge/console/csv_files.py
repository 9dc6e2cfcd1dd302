"""Lists as CSV files that a spreadsheet opens harmlessly; a process makes one at a time.

A long one takes seconds and 50 MB: side by side they would take the threads that Twilio's requests
need, and the memory of a small machine.
"""

import csv
import io
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import ParamSpec

from flask import Response

from bridge.console.pages import page

_FORMULA = re.compile(
    r"[\t\r\n]|[\s'\"`\u200b\ufeff]*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); some skip blanks
and quotes, and take wide signs for narrow ones.
"""
_MARK = "\ufeff"
"""By which Excel knows that the file is UTF-8."""

_P = ParamSpec("_P")
_ONE_AT_A_TIME = threading.Lock()
_TRY_AGAIN_SECONDS = 5


def one_at_a_time(view: Callable[_P, Response]) -> Callable[_P, Response]:
    """A view that makes a file, and asks to try again while another one is made."""

    @wraps(view)
    def alone(*args: _P.args, **kwargs: _P.kwargs) -> Response:
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            return _busy()
        try:
            return view(*args, **kwargs)
        finally:
            _ONE_AT_A_TIME.release()

    return alone


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """An answer that the browser saves as a file of this name, without its ending."""
    written = io.StringIO()
    # In quotes, for spreadsheets that split lines at other signs than commas.
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    answer = Response(f"{_MARK}{written.getvalue()}", content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _busy() -> Response:
    says = "Another file is being made. Go back and try again in a few seconds."
    answer = page("error.html", "Please try again in a moment", 429, says=says)
    answer.headers["Retry-After"] = str(_TRY_AGAIN_SECONDS)
    return answer


def _harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
