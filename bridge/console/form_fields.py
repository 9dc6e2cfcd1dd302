"""What was typed, as far as it is kept."""

from flask import request

_LONGEST_ROW = 2**63 - 1


def typed(name: str, most: int = 200) -> str:
    """A field of the form without blanks around it, cut where it is longer than its field takes."""
    return request.form.get(name, "").strip()[:most].strip()


def row_in_query(name: str) -> int | None:
    """A row's number in the address; None where there is none, or none that could be."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number <= _LONGEST_ROW else None
