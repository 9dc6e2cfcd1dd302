"""Who plays: a number of people, each with a case, a phone, and the calls and texts they get."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.people import OWN, PEOPLE, SECOND, Person, Temper
from bridge.sandbox.twilio import Callback, Play, call_fields, text_fields

RETRIES = "rc=5&rp=ct,rt,5xx&tt=15000"
_AREAS = ("402", "531", "308", "712", "605", "785", "913", "816")
_FIRST_CASE = 101
_SECOND_CASES = 10_000
_STEP_SECONDS = 0.25
_LATE_SECONDS = 1.2


@dataclass(frozen=True)
class Role:
    """One person of the play with what is theirs."""

    person: Person
    case_id: int
    number: str
    """Ten digits, of those that exist in films only."""
    sids: tuple[str, ...]
    """One for each of the person's calls and texts; no two end in the same four."""

    @property
    def case_ids(self) -> tuple[int, ...]:
        """The person's cases in SmartAdvocate: none, one, or two that share the phone."""
        if self.person.unknown:
            return ()
        second = (self.case_id + _SECOND_CASES,) if self.person.shares_phone else ()
        return (self.case_id, *second)

    def named_by(self, temper: Temper) -> int | None:
        """The case that a callback URL of this call or text names."""
        return {OWN: self.case_id, SECOND: self.case_id + _SECOND_CASES}.get(temper.names)


def cast(count: int, chance: random.Random) -> list[Role]:
    """Hand out people, cases, numbers and sids."""
    endings = chance.sample(range(0x10000), 8 * count)
    roles = []
    for index in range(count):
        person = PEOPLE[index % len(PEOPLE)]
        area = _AREAS[index // 90 % len(_AREAS)]
        sids = tuple(_sid(temper, endings.pop(), chance) for temper in person.tempers)
        number = f"{area}55501{10 + index % 90}"
        roles.append(Role(person, _FIRST_CASE + index, number, sids))
    return roles


def cases(role: Role) -> list[Case]:
    """The person's cases as they stand before anything happens."""
    status = "Do not Dial" if role.person.do_not_dial else "In the Dialer"
    return [
        Case(case_id, [phone(role.number)], status=status, attempts=role.person.attempts)
        for case_id in role.case_ids
    ]


def play(
    role: Role, index: int, *, account_sid: str, public_url: str, chance: random.Random
) -> Play:
    """The person's `index`-th call or text; some of its callbacks come twice, late or crossed."""
    temper = role.person.tempers[index]
    begun = datetime.now(UTC)
    crossed, late = chance.random() < 0.25, chance.random() < 0.2
    callbacks = []
    for number, step in enumerate(temper.steps):
        after = _STEP_SECONDS * number
        at = begun + timedelta(seconds=after)
        fields = (
            call_fields(
                account_sid=account_sid, sid=role.sids[index], to=f"+1{role.number}",
                status=step.status, sequence=number, at=at, **dict(step.facts),
            )
            if temper.kind == "call"
            else text_fields(
                account_sid=account_sid, sid=role.sids[index], to=f"+1{role.number}",
                status=step.status, at=at, error=step.error,
            )
        )  # fmt: skip
        if late and number == 0:
            after += _LATE_SECONDS
        elif crossed:
            after = _STEP_SECONDS * (len(temper.steps) - 1 - number)
        callbacks.append(Callback(fields, after, times=2 if chance.random() < 0.35 else 1))
    return Play(_url(role, temper, public_url), callbacks)


def is_late_or_crossed(one: Play) -> int:
    """How many callbacks of a play come after one that was to come later."""
    order = [callback.after for callback in one.callbacks]
    return sum(earlier > min(order[index:]) for index, earlier in enumerate(order))


def _url(role: Role, temper: Temper, public_url: str) -> str:
    route = "voice" if temper.kind == "call" else "messages"
    named = role.named_by(temper)
    query = f"?CaseID={named}" if named else ""
    return f"{public_url}/twilio/{route}/status{query}#{RETRIES}"


def _sid(temper: Temper, ending: int, chance: random.Random) -> str:
    prefix = "CA" if temper.kind == "call" else "SM"
    return f"{prefix}{chance.getrandbits(112):028x}{ending:04x}"
