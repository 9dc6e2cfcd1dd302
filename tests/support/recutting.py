"""Callbacks as they were recorded, and cut anew so that their signature still holds."""

import json
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.adapters.twilio.callbacks import form_fields
from bridge.domain.events import Topic

PAYLOADS = Path(__file__).parents[1] / "payloads"
_KINDS = {
    "voice_status": Topic.CALL,
    "inbound_voice": Topic.CALL_IN,
    "async_amd": Topic.MACHINE,
    "sms_status": Topic.TEXT,
    "inbound_sms": Topic.TEXT_IN,
}


@dataclass(frozen=True)
class Posted:
    """A callback: which it is, where it is posted to, and its fields."""

    name: str
    topic: Topic
    target: str
    form: MultiDict[str, str]

    @property
    def pieces(self) -> list[str]:
        """Names and values in the order in which they are signed, behind the URL."""
        return [
            piece
            for name in sorted(self.form)
            for value in sorted(set(self.form.getlist(name)))
            for piece in (name, value)
        ]

    @property
    def signed(self) -> str:
        """What the signature covers, behind the public address."""
        return self.target + "".join(self.pieces)

    @property
    def body(self) -> bytes:
        return urlencode(list(self.form.items(multi=True))).encode()


def recorded(query: str = "") -> list[Posted]:
    """Every recorded and constructed callback, posted to its route with this query."""
    found = []
    for file in ("voice_status_recorded.json", "sms_misc.json"):
        for case in json.loads((PAYLOADS / file).read_text())["cases"]:
            topic = _KINDS[case["kind"]]
            form = form_fields(case["body"].encode())
            found.append(Posted(case["id"], topic, ROUTES[topic] + query, form))
    for case in json.loads((PAYLOADS / "statuses.json").read_text())["cases"]:
        topic = Topic(case["channel"])
        found.append(Posted(case["id"], topic, ROUTES[topic] + query, MultiDict(case["fields"])))
    return found


def recut(one: Posted, chance: Random) -> Posted:
    """The same signed characters, cut at other places.

    Most cuts stay where they were, some are dropped or moved; a name that would not be in order
    stays within the value before it, so that the signature always holds.
    """
    signed, route = one.signed, len(ROUTES[one.topic])
    cuts = list(accumulate(map(len, one.pieces), initial=len(one.target)))
    begin = cuts[0]
    if chance.random() < 0.3:
        begin = chance.randint(max(route, begin - 8), min(len(signed), begin + 120))
    fields: list[tuple[str, str]] = []
    name, value_from = None, begin
    for start, end in _names(cuts, begin, len(signed), chance):
        if start < value_from or (name is not None and signed[start:end] <= name):
            continue
        if name is not None:
            fields.append((name, signed[value_from:start]))
        name, value_from = signed[start:end], end
    if name is not None:
        fields.append((name, signed[value_from:]))
    return Posted(one.name, one.topic, signed[:begin], MultiDict(fields))


def _names(cuts: list[int], begin: int, end: int, chance: Random) -> list[tuple[int, int]]:
    """Where names may begin and end: the first one where the URL ends."""
    starts = {begin}
    shifts, spills = chance.choice([0.0, 0.03, 0.15]), chance.choice([0.0, 0.03, 0.2])
    for at in cuts[:-1:2]:
        draw = chance.random()
        if draw < shifts / 2:
            continue
        starts.add(at if draw > shifts else at + chance.randint(-20, 20))
    for _ in range(chance.choice([0, 0, 1, 2])):
        starts.add(chance.randint(begin, end))
    ends = sorted(cuts)
    names = []
    for start in sorted(one for one in starts if begin <= one < end):
        usual = [at for at in ends if at > start][:3]
        stop = chance.choice(usual) if chance.random() < spills else usual[0]
        if chance.random() < spills / 2:
            stop = min(end, start + chance.randint(0, 30))
        names.append((start, stop))
    return names
