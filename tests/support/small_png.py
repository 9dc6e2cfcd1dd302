"""Pictures of pages in fewer bytes: PNG with a palette, its colors rounded until they fit in one.

The format: https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = 3
_LEVELS = 12
"""So many steps red, green and blue have above 0."""


def smaller(picture: bytes) -> bytes:
    """The same picture, of eight bits a color without transparency, with a palette.

    Raises:
        ValueError: it is of another kind, or has too many colors.
    """
    chunks = list(_chunks(picture))
    head = next(body for kind, body in chunks if kind == b"IHDR")
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", head)
    if (depth, kind) != (8, 2):
        raise ValueError("not a picture of eight bits a color without transparency")
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    levels = bytes(round(round(value * _LEVELS / 255) * 255 / _LEVELS) for value in range(256))
    palette: dict[bytes, int] = {}
    lines = bytearray()
    for line in _lines(zlib.decompress(packed), width * _CHANNELS):
        rounded = line.translate(levels)
        pixels = (rounded[at : at + _CHANNELS] for at in range(0, len(rounded), _CHANNELS))
        lines.append(0)
        lines += bytes(palette.setdefault(pixel, len(palette)) for pixel in pixels)
    return _SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(palette)),
            _chunk(b"IDAT", zlib.compress(bytes(lines), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(picture):
        size, kind = struct.unpack_from(">I4s", picture, at)
        yield kind, picture[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _lines(data: bytes, width: int) -> Iterator[bytes]:
    """The lines without their filters: each byte was told by those to the left and above."""
    above = bytes(width)
    for start in range(0, len(data), width + 1):
        how, line = data[start], bytearray(data[start + 1 : start + 1 + width])
        for at in range(width if how else 0):
            left = line[at - _CHANNELS] if at >= _CHANNELS else 0
            corner = above[at - _CHANNELS] if at >= _CHANNELS else 0
            line[at] = line[at] + _told(how, left, above[at], corner) & 255
        above = bytes(line)
        yield above


def _told(how: int, left: int, above: int, corner: int) -> int:
    if how < 4:
        return (0, left, above, (left + above) // 2)[how]
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
