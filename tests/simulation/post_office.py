"""How Twilio's requests reach the bridge: signed, retried; callbacks doubled, late or lost."""

import random
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from functools import partial

from tests.simulation.agenda import Agenda
from tests.simulation.processes import WebAnswer
from tests.simulation.story import Story
from tests.simulation.temper import PostRates

WebApp = Callable[[str, Mapping[str, str], str], WebAnswer | None]
"""Has a request arrive: its address, fields, and the token that it is signed with."""

TOKEN, OTHER_TOKEN = "token-before", "token-behind"
"""With which Twilio signs, before and behind its rotation."""
_TRIES = 6
"""A request and the retries that the bridge's addresses ask for."""
_SERVER_ERROR = 500


class PostOffice:
    """Twilio's way to the bridge."""

    def __init__(self, agenda: Agenda, chance: random.Random, story: Story, web: WebApp) -> None:
        self.token = TOKEN
        self.rates = PostRates()
        self.posted: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        """What has arrived at the bridge, by SID; what came again is there once."""
        self._agenda, self._chance, self._story, self._web = agenda, chance, story, web

    def send(self, url: str, fields: Mapping[str, str]) -> None:
        """Post a callback: sometimes twice, sometimes late, sometimes never."""
        what = (
            f"{fields.get('CallStatus') or fields.get('MessageStatus') or fields.get('AnsweredBy')}"
        )
        sid = fields.get("CallSid") or fields.get("MessageSid") or ""
        if self._chance.random() < self.rates.lost:
            self._tell(f"the callback {what} of …{sid[-4:]} is lost")
            return
        for _ in range(2 if self._chance.random() < self.rates.doubled else 1):
            is_late = self._chance.random() < self.rates.late
            delay = self._chance.choice((20, 120, 900, 7200)) if is_late else 1
            self._agenda.after(
                self._chance.uniform(0.02, delay), partial(self._arrive, url, dict(fields), _TRIES)
            )

    def _arrive(self, url: str, fields: Mapping[str, str], tries: int) -> None:
        answer = self._post(url, fields)
        if (answer is None or answer.status >= _SERVER_ERROR) and tries > 1:
            self._agenda.after(
                self._chance.uniform(0.5, 15), partial(self._arrive, url, fields, tries - 1)
            )
            return
        if answer is None or answer.status >= 400:
            said = answer.status if answer else "nothing"
            self._tell(f"gives up a callback: the bridge answered {said}")

    def fetch(self, url: str, fields: Mapping[str, str]) -> Generator[float, None, str]:
        """Fetch a document; empty where nobody has answered."""
        for _ in range(_TRIES):
            yield self._chance.uniform(0.02, 0.3)
            answer = self._post(url, fields)
            if answer is not None and answer.status < _SERVER_ERROR:
                if answer.status >= 400:
                    self._tell(f"the bridge refuses: {answer.status} {answer.body[:200]!r}")
                return answer.body if answer.status < 400 else ""
            yield self._chance.uniform(0.5, 3)
        return ""

    def _post(self, url: str, fields: Mapping[str, str]) -> WebAnswer | None:
        sid = fields.get("CallSid") or fields.get("MessageSid") or ""
        words = (f"{name}={value}" for name, value in sorted(fields.items()))
        self.posted[sid].add((url, *words))
        return self._web(url, fields, self.token)

    def _tell(self, what: str) -> None:
        self._story.tell("Twilio", what)
