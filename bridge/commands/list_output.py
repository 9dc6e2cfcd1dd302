"""Lists as they are printed: a table for people, JSON or CSV for programs.

On a terminal the table has colors and fits its width. Elsewhere it is plain, one line a row and
nothing cut, so that scripts can rely on it.
"""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

from bridge.commands.listings import Column, Listing
from bridge.commands.moments import in_table

JSON, CSV = "json", "csv"

_STYLES = {
    "dead": "red",
    "refuse": "red",
    "refused": "red",
    "malformed": "red",
    "review": "yellow",
    "ambiguous": "yellow",
    "unmatched": "yellow",
    "pending": "yellow",
    "defer": "yellow",
    "allow": "green",
    "matched": "green",
}
"""The colors of states, verdicts and decisions."""


def show(listing: Listing, output: str | None, zone: tzinfo) -> None:
    """Print a list: as JSON, as CSV, or as a table with times in this zone."""
    if output == JSON:
        click.echo(as_json(listing, zone))
    elif output == CSV:
        click.echo(as_csv(listing, zone), nl=False)
    elif listing.rows and sys.stdout.isatty():
        _show_on_terminal(listing, zone)
    else:
        click.echo(as_text(listing, zone), nl=False)


def as_json(listing: Listing, zone: tzinfo) -> str:
    """An array of objects; times as ISO 8601 with their offset."""
    rows = [{key: _plain(value, zone) for key, value in row.items()} for row in listing.rows]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def as_csv(listing: Listing, zone: tzinfo) -> str:
    """A line of keys, then a line a row."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([column.key for column in listing.columns])
    for row in listing.rows:
        values = (_plain(row[column.key], zone) for column in listing.columns)
        writer.writerow([json.dumps(one) if isinstance(one, dict) else one for one in values])
    return written.getvalue()


def as_text(listing: Listing, zone: tzinfo) -> str:
    """A table in plain text; what `listing.empty` says when there are no rows."""
    if not listing.rows:
        return f"{listing.empty}\n"
    columns = _shown(listing)
    cells = [[column.heading for column in columns], *_cells(listing, columns, zone)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if column.is_number else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        )
        for row in cells
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def as_lines(values: Mapping[str, Any], zone: tzinfo) -> str:
    """One row whole: a line for each of its values."""
    lines = []
    for name, value in values.items():
        shown = in_table(value, zone) if isinstance(value, datetime) else value
        lines.append(f"{name:<10}{'' if shown is None else shown}\n")
    return "".join(lines)


def _show_on_terminal(listing: Listing, zone: tzinfo) -> None:
    # Only here, since it takes a while to load.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    columns = _shown(listing)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        justify: Any = "right" if column.is_number else "left"
        table.add_column(column.heading, justify=justify, overflow="fold")
    for row in _cells(listing, columns, zone):
        # Text and not markup: what others wrote may look like it.
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def _shown(listing: Listing) -> list[Column]:
    return [column for column in listing.columns if column.heading]


def _cells(listing: Listing, columns: Sequence[Column], zone: tzinfo) -> list[list[str]]:
    return [[_cell(row, column, zone) for column in columns] for row in listing.rows]


def _cell(row: Mapping[str, Any], column: Column, zone: tzinfo) -> str:
    value = row[column.key]
    if value is None:
        return column.unset
    if isinstance(value, datetime):
        return in_table(value, zone)
    words = " ".join(str(value).split())
    # A terminal would obey control characters.
    return "".join(sign if sign.isprintable() else "�" for sign in words)


def _plain(value: Any, zone: tzinfo) -> Any:
    return value.astimezone(zone).isoformat() if isinstance(value, datetime) else value
