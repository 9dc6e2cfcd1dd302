"""The list of the National Do Not Call Registry, as it is downloaded: a text, one number a line.

`AAA,NNNNNNN` or `AAANNNNNNN`, area code first. Its lists of changes have more on a line: they are
no full list, and are not read. Source: docs/how-to/registry.md.

In memory and in the database an exchange of 10,000 numbers is 10,000 bits, so that a million
numbers are a few hundred rows, and an area code's list is replaced in a moment.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

_NUMBER = re.compile(rb"[ \t]*([2-9]\d\d),?(\d{3})(\d{4})[ \t\r\n]*")
_DIGIT = re.compile(rb"\d")
_MARK = b"\xef\xbb\xbf"
"""With which some programs begin a text in UTF-8."""
EXCHANGE_BYTES = 10_000 // 8
LONGEST_LINE = 256
"""In bytes: a line that is longer is none of the registry's."""


class MalformedLine(ValueError):
    """A line of the file is no number: the file is not the registry's full list."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"line {line} is not a number as the registry's full list has them (402,5550107 or "
            "4025550107): nothing was imported. Download the full list; a list of changes can't be "
            "imported"
        )


@dataclass(frozen=True)
class AreaList:
    """The registry's numbers of one area code."""

    area_code: int
    exchanges: Mapping[int, bytes | bytearray]
    """By exchange, 10,000 bits."""

    @property
    def numbers(self) -> int:
        """How many there are, each counted once."""
        return sum(int.from_bytes(bits).bit_count() for bits in self.exchanges.values())


@dataclass(frozen=True)
class AreaLists:
    """What was read of a file: the lists of some of its area codes, and which others it has."""

    areas: tuple[AreaList, ...]
    others: Mapping[int, int]
    """Area codes that are read the next time, with how many lines each has."""
    has_header: bool
    """Whether its first line passed for a header."""


def read(lines: Iterable[bytes], most_areas: int, besides: Collection[int] = ()) -> AreaLists:
    """The lists of the first area codes in a file, `besides` those that were read before.

    Every line is read, in whatever order they are, and each exchange in use takes 1.3 kB.
    The first line that isn't blank may be a header: one without any digit.

    Raises:
        MalformedLine: one is neither a number nor blank.
    """
    areas: dict[bytes, dict[bytes, bytearray]] = {}
    known = {b"%d" % area_code for area_code in besides}
    others: dict[bytes, int] = {}
    has_header, may_be_header, match = False, True, _NUMBER.fullmatch
    for number, line in enumerate(lines, 1):
        found = match(line)
        if found is None and number == 1:
            line = line.removeprefix(_MARK)  # noqa: PLW2901
            found = match(line)
        if found is None:
            is_blank = not line.strip()
            if not (is_blank or (may_be_header and _is_header(line))):
                raise MalformedLine(number)
            has_header = has_header or not is_blank
            may_be_header = may_be_header and is_blank
            continue
        may_be_header = False
        area_code, exchange, end = found.groups()
        exchanges = areas.get(area_code)
        if exchanges is None:
            if area_code in known:
                continue
            if area_code in others or len(areas) == most_areas:
                others[area_code] = others.get(area_code, 0) + 1
                continue
            exchanges = areas[area_code] = {}
        bits = exchanges.get(exchange)
        if bits is None:
            bits = exchanges[exchange] = bytearray(EXCHANGE_BYTES)
        index = int(end)
        bits[index >> 3] |= 1 << (index & 7)
    lists = tuple(_area(*read_area) for read_area in areas.items())
    left = {int(area_code): count for area_code, count in others.items()}
    return AreaLists(lists, left, has_header)


def is_in(bits: bytes, line_number: int) -> bool:
    """Whether the last four digits of a number are in its exchange's bits."""
    return bool(bits[line_number >> 3] & 1 << (line_number & 7))


def _is_header(line: bytes) -> bool:
    return len(line) < LONGEST_LINE and _DIGIT.search(line) is None


def _area(area_code: bytes, exchanges: Mapping[bytes, bytearray]) -> AreaList:
    # The bits aren't copied: they are most of what this takes.
    return AreaList(int(area_code), {int(exchange): bits for exchange, bits in exchanges.items()})
