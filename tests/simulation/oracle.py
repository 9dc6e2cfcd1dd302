"""What must hold after every step, judged by what really happened on the phone.

The oracle knows the calls and texts from the exchange, the cases from the firm's own book, and the
law from `places.py`. Of the bridge's own database it reads when an attempt was reserved, and each
step that an attempt has taken (by a trigger that the simulation adds).
"""

import sqlite3
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.sandbox.line import Call
from bridge.sandbox.switchboard import SentText
from tests.simulation.callback_addresses import attempt_of, case_of
from tests.simulation.exchange import Exchange
from tests.simulation.firm import Firm
from tests.simulation.parties import LATER, REFUSALS
from tests.simulation.places import AFTER_OPENING, BEFORE_CLOSING, CLOCKS_DIFFER
from tests.simulation.town import FIRM_PHONES, Town

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
CALLS_A_DAY, TEXTS_A_DAY, CONTACTS_A_DAY, CONTACTS_A_WEEK = 2, 1, 3, 7
SLACK = timedelta(minutes=3)
"""A contact counts from its reservation; the phone knows of it a little later."""
REFUSAL_TAKES = timedelta(seconds=4)
"""Clocks differ, and what was reserved before the refusal is on its way."""
_NO_TIME = timedelta()
_GAPS = {"4h": timedelta(hours=4), "0": timedelta(minutes=20)}
"""Without a gap of the firm's, the shortest pause before the next call: busy."""
_ZONES_DIFFER = timedelta(minutes=70)
"""So much earlier may a date of staff's be read where the zone of dates is set wrongly."""
_READ_AGAIN_AFTER = timedelta(seconds=100)
"""A case is read again before its person is reached, unless it was within a minute."""

MOVES: Mapping[str, str] = {
    "planned": "reserved canceled",
    "reserved": "planned refused unknown unresolved placed canceled ended",
    "canceled": "placed",
    "unknown": "unresolved placed canceled ended",
    "unresolved": "placed canceled ended",
    "placed": "ended canceled",
    "ended": "ended canceled",
    "refused": "",
}
"""From which state to which an attempt may go: docs/glossary.md#attempt, written down again."""

_WATCH = """
CREATE TABLE watched_moves (id INTEGER PRIMARY KEY, attempt TEXT, before TEXT, after TEXT);
CREATE TRIGGER watch_moves AFTER UPDATE OF state ON attempts BEGIN
  INSERT INTO watched_moves (attempt, before, after) VALUES (old.id, old.state, new.state);
END;
CREATE TRIGGER watch_births AFTER INSERT ON attempts WHEN new.state <> 'planned' BEGIN
  INSERT INTO watched_moves (attempt, before, after) VALUES (new.id, 'nothing', new.state);
END;
"""


@dataclass(frozen=True)
class Contact:
    """A call, a leg or a text to a person, as the phone knows it."""

    at: datetime
    channel: str
    number: str
    case: str
    sid: str


@dataclass
class Refusals:
    """Who has refused, and when the bridge has confirmed it."""

    at: dict[str, datetime] = field(default_factory=dict)


class Oracle:
    """Complains about whatever must not be."""

    def __init__(
        self,
        database: sqlite3.Connection,
        town: Town,
        firm: Firm,
        exchange: Exchange,
        settings: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self.complaints: list[str] = []
        self.refusals = Refusals()
        self.texts_in: dict[str, str] = {}
        """Texts of people's that are to be noted on a case, and whose they are."""
        self.closed_states: set[str] = set()
        """States that are paused for an emergency."""
        self._db, self._town, self._firm, self._exchange = database, town, firm, exchange
        self._settings, self._now = settings, now
        self._of_number: dict[str, list[Contact]] = defaultdict(list)
        self._of_case: dict[str, list[Contact]] = defaultdict(list)
        self._of_attempt: Counter[str] = Counter()
        self._starts: deque[datetime] = deque()
        self._seen = 0
        self._revoked: dict[str, datetime] = {}
        self._stopped_by_hand: set[str] = set()
        self._live: dict[str, Call] = {}
        self._put_off: set[str] = set()
        self._callers: dict[str, datetime] = {}
        """Since when somebody who has called in is on the line, by number."""
        self._asked_for_later: dict[str, datetime] = {}
        """Who has asked for another day, and when."""
        database.executescript(_WATCH)

    def complain(self, what: str) -> None:
        """Something is as it must not be."""
        self.complaints.append(f"{self._now():%a %b %d %H:%M:%S}Z: {what}")

    # What the exchange tells.

    def on_call(self, call: Call) -> None:
        """A call or leg that the bridge has asked for has begun."""
        parent = self._exchange.call_of(call.sid) or call
        if call.parent_sid is None:
            self._check_pace(call)
        if call.to not in FIRM_PHONES:
            attempt, case = attempt_of(parent.params), case_of(parent.params)
            self._check_contact(call.sid, "call", call.to, case, attempt)
            self._check_alone(call, case)
        elif call.parent_sid is None:
            self._check_agent(call)
        self._live[call.sid] = call

    def on_text(self, text: SentText) -> None:
        """A text was taken."""
        attempt = attempt_of(text.params)
        self._check_contact(text.sid, "text", text.to, case_of(text.params), attempt)

    def on_end(self, call: Call) -> None:
        """A call or leg is over."""
        self._live.pop(call.sid, None)
        if call.inbound:
            self._callers.pop(call.sender, None)
        if call.status == "canceled":
            for contacts in (self._of_number[call.to], *self._of_case.values()):
                contacts[:] = [one for one in contacts if one.sid != call.sid]

    def on_answer(self, call: Call, document: str) -> None:
        """Whoever has picked up hears this."""
        since = self.refusals.at.get(call.to)
        is_direct = call.parent_sid is None
        revoked = self._revoked.get(call.to)
        if since is None and revoked is not None and is_direct:
            since = revoked
        is_pitch = "<Gather" in document or "<Dial" in document
        if since is not None and self._now() - since > REFUSAL_TAKES and is_pitch:
            self.complain(f"{call.to} has refused, picks up, and is spoken to: …{call.sid[-4:]}")

    def on_text_in(self, sid: str, number: str, words: str) -> None:
        """A text of a person's was accepted."""
        # Of a second refusal nobody needs to be told.
        has_refused = number in self.refusals.at or number in self._stopped_by_hand
        if not (words in REFUSALS and has_refused):
            self.texts_in[sid] = number
        if words == LATER:
            self._asked_for_later[number] = self._now()

    def on_put_off(self, call: Call) -> None:
        """An agent has put a call off: it is over but for the goodbye, and counts no more."""
        self._put_off.add(call.sid)

    def on_caller(self, call: Call) -> None:
        """The bridge has picked up for a person who calls in."""
        self._callers[call.sender] = self._now()

    def on_refusal(self, number: str, how: str) -> None:
        """The bridge has confirmed a refusal."""
        self.refusals.at.setdefault(number, self._now())

    def on_stopped_by_hand(self, numbers: Collection[str]) -> None:
        """The operator has said that the person with these numbers has refused."""
        self._stopped_by_hand.update(numbers)

    def on_revoked(self, number: str) -> None:
        """Consent for this number was taken back."""
        self._revoked[number] = self._now()

    # The rules.

    def _check_contact(self, sid: str, channel: str, number: str, case: str, attempt: str) -> None:
        now = self._now()
        contact = Contact(now, channel, number, case, sid)
        who = f"{channel} …{sid[-4:]} to {number} for case {case}"
        self._of_attempt[attempt] += 1
        if self._of_attempt[attempt] > 1:
            self.complain(f"{who}: attempt {attempt} was placed before")
        is_leg = channel == "call" and bool(self._exchange.calls[sid].parent_sid)
        reserved_at = now if is_leg else self._reserved_at(attempt)
        self._check_refusal(who, number, reserved_at)
        self._check_staff(who, int(case), reserved_at)
        revoked = self._revoked.get(number)
        if revoked is not None and not is_leg and reserved_at - revoked > REFUSAL_TAKES:
            self.complain(f"{who}: consent was revoked at {revoked:%b %d %H:%M:%S}Z")
        since = self._callers.get(number)
        if channel == "call" and since is not None and reserved_at - since > REFUSAL_TAKES:
            self.complain(f"{who}: {number} has called in and is on the line")
        self._check_asked_for_later(who, number, reserved_at)
        self._check_hours(who, number, now, reserved_at, is_leg=is_leg)
        self._check_caps(who, contact)
        self._of_number[number].append(contact)
        self._of_case[case].append(contact)

    def _check_staff(self, who: str, case: int, reserved_at: datetime) -> None:
        stopped_at = self._firm.stopped_by_staff.get(case)
        if stopped_at is not None and reserved_at - stopped_at > _READ_AGAIN_AFTER:
            self.complain(f"{who}: staff have stopped the case at {stopped_at:%H:%M:%S}Z")
        put_off_at, until = self._firm.put_off_by_staff.get(case, (reserved_at, reserved_at))
        if reserved_at - put_off_at > _READ_AGAIN_AFTER and reserved_at < until - _ZONES_DIFFER:
            self.complain(f"{who}: staff have put the case off at {put_off_at:%H:%M:%S}Z")

    def _reserved_at(self, attempt: str) -> datetime:
        row = self._db.execute("SELECT placed_at FROM attempts WHERE id = ?", [attempt]).fetchone()
        if row is None or row[0] is None:
            self.complain(f"attempt {attempt} was placed and never reserved")
            return self._now()
        return datetime.fromisoformat(row[0]).replace(tzinfo=UTC)

    def _check_refusal(self, who: str, number: str, reserved_at: datetime) -> None:
        since = self.refusals.at.get(number)
        if since is not None and reserved_at - since > REFUSAL_TAKES:
            self.complain(f"{who}: {number} has refused at {since:%b %d %H:%M:%S}Z")

    def _check_asked_for_later(self, who: str, number: str, reserved_at: datetime) -> None:
        """Whoever has asked for tomorrow is left alone for the rest of the day."""
        asked = self._asked_for_later.get(number)
        if asked is None or reserved_at - asked <= REFUSAL_TAKES:
            return
        for place in self._town.places_of(number):
            if reserved_at.astimezone(place.zone).date() <= asked.astimezone(place.zone).date():
                self.complain(f"{who}: {number} has asked for tomorrow at {asked:%H:%M:%S}Z")

    def _check_hours(
        self, who: str, number: str, now: datetime, reserved_at: datetime, *, is_leg: bool
    ) -> None:
        after, before = (_NO_TIME, _NO_TIME) if is_leg else (AFTER_OPENING, BEFORE_CLOSING)
        for place in self._town.places_of(number):
            planned = place.is_open(reserved_at, after - CLOCKS_DIFFER, before - CLOCKS_DIFFER)
            if not planned or not place.is_open(now, -CLOCKS_DIFFER, -CLOCKS_DIFFER):
                local = now.astimezone(place.zone)
                self.complain(f"{who}: it is {local:%a %b %d %H:%M:%S} in {place.state}")
            if place.state in self.closed_states and not is_leg:
                self.complain(f"{who}: {place.state} is paused for an emergency")

    def _check_caps(self, who: str, contact: Contact) -> None:
        for name, known in (
            (contact.number, self._of_number[contact.number]),
            (f"case {contact.case}", self._of_case[contact.case]),
        ):
            of_day = [one for one in known if contact.at - one.at < DAY - SLACK]
            of_week = [one for one in known if contact.at - one.at < WEEK - SLACK]
            same = sum(one.channel == contact.channel for one in of_day)
            most = CALLS_A_DAY if contact.channel == "call" else TEXTS_A_DAY
            if same >= most:
                self.complain(f"{who}: {name} has had {same} {contact.channel}s in 24 hours")
            if len(of_day) >= CONTACTS_A_DAY:
                self.complain(f"{who}: {name} has had {len(of_day)} contacts in 24 hours")
            if len(of_week) >= CONTACTS_A_WEEK:
                self.complain(f"{who}: {name} has had {len(of_week)} contacts in 7 days")
        self._check_gap(who, contact)

    def _check_gap(self, who: str, contact: Contact) -> None:
        """A second call to a number needs a reason of its own: time, or somebody's word.

        Without a gap of the firm's, another case is a reason, too.
        """
        gap = _GAPS[self._settings["DIAL_PERSON_GAP"]]
        before = [
            one
            for one in self._of_number[contact.number]
            if one.channel == contact.channel and (gap >= _GAPS["4h"] or one.case == contact.case)
        ]
        if not before or contact.at - before[-1].at >= gap - SLACK:
            return
        # Staff's word for this case is a reason once: it stands until the case has been reached.
        of_case = self._of_case[contact.case]
        changed = self._firm.changed_by_staff.get(int(contact.case))
        if changed is None or (of_case and changed < of_case[-1].at):
            self.complain(f"{who}: the same at {before[-1].at:%H:%M:%S}Z, and no new reason")

    def _check_alone(self, call: Call, case: str) -> None:
        numbers = {call.to, *self._firm.numbers_of(int(case))}
        for other in self._live.values():
            if other.to in numbers and not other.is_over and other.to not in FIRM_PHONES:
                self.complain(f"two calls at once: …{call.sid[-4:]} and …{other.sid[-4:]}")

    def _check_agent(self, call: Call) -> None:
        for other in self._live.values():
            if other.to == call.to and other.parent_sid is None and not other.is_over:
                self.complain(f"agent {call.to} is rung for …{call.sid[-4:]} and …{other.sid[-4:]}")

    def _check_pace(self, call: Call) -> None:
        now, rate = self._now(), float(self._settings["DIAL_CALLS_PER_SECOND"])
        self._starts.append(now)
        while now - self._starts[0] > timedelta(minutes=5):
            self._starts.popleft()
        just_now = sum((now - start).total_seconds() < 1 / rate for start in self._starts)
        # One that is late may meet the next two.
        if rate < 1 and just_now > 3:
            self.complain(f"call …{call.sid[-4:]}: {just_now} calls in {1 / rate:.0f} seconds")
        # Two workers, whose clocks differ by three seconds, and whose requests may take their time.
        most = 300 * rate + 3 * rate + 3
        if len(self._starts) > most:
            self.complain(f"call …{call.sid[-4:]}: {len(self._starts)} calls in 5 minutes")
        direct = (other for other in self._live.values() if other.parent_sid is None)
        live = [other for other in direct if other.sid not in self._put_off]
        if len(live) >= int(self._settings["DIAL_MAX_CALLS"]):
            self.complain(f"call …{call.sid[-4:]}: {len(live)} others are under way")

    # The bridge's own rows.

    def check(self) -> None:
        """Look at what has changed since the last step."""
        moves = self._db.execute(
            "SELECT id, attempt, before, after FROM watched_moves WHERE id > ?", [self._seen]
        )
        for identity, attempt, before, after in moves:
            self._seen = identity
            if after not in MOVES.get(before, "").split():
                self.complain(f"attempt {attempt} went from {before} to {after}")
