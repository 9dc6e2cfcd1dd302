"""What was typed, as far as it is kept."""

from flask import request

LARGEST_ROW = 2**63 - 1


def typed(name: str, most: int = 200) -> str:
    """A field of the form without blanks around it, cut where it is longer than its field takes."""
    return request.form.get(name, "").strip()[:most].strip()


def rows_shown(name: str = "shown") -> list[int] | None:
    """The rows that the form was about when its page was made; None where it doesn't say."""
    given = request.form.get(name)
    if given is None:
        return None
    numbers = [int(one) for one in given.split() if one.isascii() and one.isdigit()]
    return [number for number in numbers if number <= LARGEST_ROW]


def row_in_query(name: str) -> int | None:
    """A row's number in the address; None where there is none, or none that could be."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number <= LARGEST_ROW else None
