"""A list of cases is read as it arrives, however it is cut into pieces."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bridge.adapters.smartadvocate import arriving_lists
from bridge.adapters.smartadvocate.arriving_lists import NotAListError

_LISTS: tuple[list[Any], ...] = (
    [],
    [1, 23, -4.5e6, None, True],
    [{"CaseID": 7, "Phones": [{"Phone": "4025550107"}]}, {"CaseID": 8}],
    ['a ] in a " string', {"Campaign": "Année — \U0001f4de", "x": [[], [[]]]}],
    [[1, 2], "[", "]", {}],
)


class _Pieces(requests.Response):
    """A response whose body comes in these pieces."""

    def __init__(self, pieces: list[bytes], encoding: str | None = None) -> None:
        super().__init__()
        self.status_code, self.encoding, self._pieces = 200, encoding, pieces

    def iter_content(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(self._pieces)


def _cut(body: bytes, chance: random.Random) -> list[bytes]:
    cuts = sorted(chance.choices(range(len(body) + 1), k=chance.choice((0, 1, 5, len(body)))))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def _read(pieces: list[bytes], encoding: str | None = None) -> list[Any]:
    return list(arriving_lists.items(_Pieces(pieces, encoding)))


@pytest.mark.parametrize("listed", _LISTS, ids=str)
@pytest.mark.parametrize("indent", [None, 2])
def test_any_list_in_any_pieces(listed: list[Any], indent: int | None) -> None:
    chance = random.Random(7)
    for ascii_only in (True, False):
        body = json.dumps(listed, indent=indent, ensure_ascii=ascii_only).encode()
        for _ in range(50):
            assert _read(_cut(b" \n" + body + b"\n", chance)) == listed


@pytest.mark.parametrize(
    "body", [b"[1, 2", b"[1 2]", b"[1,]", b"[,]", b"[1]]", b"[{]", b'["a', b"["]
)
def test_a_list_that_is_broken_is_none(body: bytes) -> None:
    chance = random.Random(7)
    for _ in range(20):
        with pytest.raises(NotAListError, match="unreadable JSON"):
            _read(_cut(body, chance))


def test_a_list_that_never_ends_is_given_up() -> None:
    endless = [b'["', *[b"x" * 65536] * 1000]
    pieces = iter(endless)
    response = _Pieces([])
    response.iter_content = lambda *_, **__: pieces  # type: ignore[method-assign]
    with pytest.raises(NotAListError):
        list(arriving_lists.items(response))
    assert sum(1 for _ in pieces) > 900


def test_other_encodings() -> None:
    assert _read([b'["A", "Ann', b'\xe9e", "\x96"]']) == ["A", "Ann\xe9e", "–"]
    assert _read([b'["Ann\xe9e"]'], "no-such-encoding") == ["Ann\xe9e"]
    assert _read([json.dumps(["é"], ensure_ascii=False).encode("utf-16")]) == ["é"]
    assert _read([b"\xef\xbb\xbf[7]"]) == [7]


def test_a_wrapped_list_is_read_as_a_whole() -> None:
    assert _read([b'{"d": [', b"7, 8]}"]) == [7, 8]
    for body in (b'{"Message": "no"}', b"", b"no list"):
        with pytest.raises(NotAListError):
            _read([body])
