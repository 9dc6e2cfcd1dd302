"""All that is known of the people of some cases, for whoever decides whether to reach them.

Each kind of fact is read once for all of the cases, when it is first asked for: a poll gathers
those of a batch with as many statements as those of a single case.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from bridge.adapters.geography import locate
from bridge.agreement import Agreed, Asked, agreed
from bridge.domain.abandonment import why_held
from bridge.domain.caps import WEEK
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope, Pause
from bridge.domain.events import Channel
from bridge.domain.folding import fold_label
from bridge.domain.phones import E164, parse_phone
from bridge.domain.preferences import PreferenceKind
from bridge.domain.purposes import Purpose, purpose_of
from bridge.domain.registry import RegistryEntry
from bridge.domain.wrong_numbers import why_wrong
from bridge.runtime import Runtime
from bridge.store.cases import cases, identity
from bridge.store.cases.cases import OwnMoments
from bridge.store.cases.history import History
from bridge.store.cases.identity import Named, PersonIdentity, Refusals
from bridge.store.consent import consents, preferences, registry, wrong_numbers
from bridge.store.consent.consents import StoredConsent
from bridge.store.consent.preferences import Standing
from bridge.store.consent.registry import Entries
from bridge.store.consent.wrong_numbers import WrongNumber
from bridge.store.db import Connection
from bridge.store.dialing import abandonment, attempts, number_health
from bridge.store.dialing.abandonment import CampaignCalls

_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class PlannedContact:
    """A call or text that may be made."""

    case: CaseInfo
    channel: Channel
    phone: E164
    attempt_id: str | None = None
    turn_id: int | None = None
    """The turn that it belongs to; None as long as none has begun."""


class Background:
    """What is known of the people of some cases, read as it stood when it was first asked for."""

    def __init__(
        self,
        runtime: Runtime,
        connection: Connection,
        about: Sequence[CaseInfo],
        besides: Collection[E164] = (),
    ) -> None:
        """Nothing is read yet. `about` has each case once; at phones `besides` theirs it is asked
        about all of them.
        """
        self.settings = runtime.settings
        self.now = runtime.clock()
        """As of when it is known."""
        self._connection = connection
        self._purposes: dict[str, Purpose] = {}
        self._phones = {case.case_id: phones_of(case) for case in about}
        self._besides = frozenset(besides)

    def purpose(self, campaign: str) -> Purpose:
        """Why the people of a campaign are reached."""
        if campaign not in self._purposes:
            self._purposes[campaign] = purpose_of(campaign, self.settings.campaign_purposes)
        return self._purposes[campaign]

    def person(self, case_id: int, phone: E164 | None = None) -> PersonIdentity:
        """Who is reached for a case, at one of its phones."""
        return self._persons[Named(case_id, phone)]

    def last_called(self, case_id: int) -> E164 | None:
        """The number of a case that was called last."""
        return self._last_called.get(case_id)

    def out_of_use(self, phone: E164, channel: Channel) -> str | None:
        """Why a number can't be reached on a channel, as earlier attempts have shown."""
        return self._out_of_use.get((phone, channel))

    def opt_outs_at(self, case: CaseInfo) -> Sequence[OptOut]:
        """The opt-outs in effect at the phones of a case, of whomever they are."""
        return [
            refusal.opt_out
            for refusal in self._refusals.of(self._listed(case), case.case_id)
            if not refusal.is_lifted and refusal.opt_out.scope is not OptOutScope.PERSON
        ]

    def unwanted_numbers(self, case: CaseInfo) -> Mapping[E164, str]:
        """The numbers at which the person of a case doesn't want to be reached, and why."""
        return {
            wanted.preference.phone: f"the person wants {wanted.preference.says}"
            for wanted in self._preferences.of(self._listed(case))
            if wanted.preference.kind is PreferenceKind.NOT_THIS_NUMBER
        }

    def wrong_numbers(self, case_id: int) -> Mapping[E164, str]:
        """The numbers that are wrong for a case, and why."""
        wrong = self._wrong_numbers.get(case_id, {})
        zone = self.settings.firm_zone
        return {
            phone: why_wrong(found.recorded_at.astimezone(zone)) for phone, found in wrong.items()
        }

    def agreed(self, case: CaseInfo, channel: Channel, phone: E164) -> Agreed:
        """What the person of a case has agreed to at a number, as far as it allows this channel."""
        who = self.person(case.case_id, phone)
        asked = Asked(self.purpose(case.campaign), channel, phone)
        refusals = self._refusals.of(who, case.case_id)
        return agreed(self.settings, asked, self._consents.get(phone, ()), refusals)

    def listing(self, case: CaseInfo, phone: E164) -> RegistryEntry | None:
        """What the do-not-call registry's lists say of a lead's number; None where they aren't
        asked.
        """
        if self.purpose(case.campaign) is not Purpose.LEAD:
            return None
        return self._registry.listing(phone)

    def registered(self, case: CaseInfo, phone: E164) -> RegistryEntry | None:
        """The same, with the person's inquiries."""
        if self.purpose(case.campaign) is not Purpose.LEAD:
            return None
        return self._registry.of(case.case_id, phone)

    def facts(self, contact: PlannedContact, active_pauses: Sequence[Pause]) -> Facts:
        """All that is known of a contact."""
        case, channel, phone = contact.case, contact.channel, contact.phone
        who = self.person(case.case_id, phone)
        own = self._own_moments.get(case.case_id, OwnMoments())
        refusals = self._refusals.of(who, case.case_id)
        return replace(
            self.facts_of_voice(contact),
            registry=self.registered(case, phone),
            wrong_number=self.wrong_numbers(case.case_id).get(phone),
            past=self._history.past(who, contact.attempt_id),
            opt_outs=tuple(refusal.opt_out for refusal in refusals if not refusal.is_lifted),
            preferences=tuple(stored.preference for stored in self._preferences.of(who)),
            pauses=tuple(active_pauses),
            out_of_use=self.out_of_use(phone, channel),
            calls_in_progress=self._history.calls_under_way(who, contact.attempt_id),
            turn_id=contact.turn_id,
            talked_at=self._history.talked_at(who),
            not_before=own.not_before,
            closed=own.closed_at is not None,
            is_set_by_staff=_is_wished(case, own),
        )

    def facts_of_voice(self, contact: PlannedContact) -> Facts:
        """Of these those that say whether a machine may speak to the person (`domain/voice.py`)."""
        case, phone = contact.case, contact.phone
        agreed = self.agreed(case, contact.channel, phone)
        return Facts(
            case_id=case.case_id,
            campaign=case.campaign,
            channel=contact.channel,
            phone=phone,
            attempts=case.attempts,
            location=locate(phone, case.zip_code),
            purpose=self.purpose(case.campaign),
            basis=agreed.basis,
            lacks_basis=agreed.lacks,
            held_to_agent_first=self._why_held(case.campaign),
        )

    def _listed(self, case: CaseInfo) -> PersonIdentity:
        """The person as far as the case alone says: what is so of any of its phones."""
        return PersonIdentity(frozenset({case.case_id}), self._phones[case.case_id])

    def _why_held(self, campaign: str) -> str:
        """Why the campaign is dialed agent first for now; empty where it isn't."""
        kept = self._held.get(fold_label(campaign)) if self._held else None
        return why_held(kept.calls) if kept else ""

    @cached_property
    def _all_phones(self) -> frozenset[E164]:
        """The phones at which somebody may be reached."""
        return self._besides.union(*self._phones.values())

    @cached_property
    def _persons(self) -> Mapping[Named, PersonIdentity]:
        asked = [
            Named(case_id, phone)
            for case_id, phones in self._phones.items()
            for phone in (None, *phones, *(self._besides - phones))
        ]
        return identity.identify_each(self._connection, asked, self.settings.own_numbers)

    @cached_property
    def _everybody(self) -> Collection[PersonIdentity]:
        as_listed = (
            PersonIdentity(frozenset({case_id}), phones) for case_id, phones in self._phones.items()
        )
        return [*self._persons.values(), *as_listed]

    @cached_property
    def _refusals(self) -> Refusals:
        return identity.refusals_of(self._connection, self._everybody, self._phones.keys())

    @cached_property
    def _preferences(self) -> Standing:
        return preferences.standing_of(self._connection, self._everybody)

    @cached_property
    def _history(self) -> History:
        return History(
            self._connection,
            self._persons.values(),
            since=self.now - max(WEEK, self.settings.person_gap),
            now=self.now,
            firms_own=self.settings.own_numbers,
        )

    @cached_property
    def _own_moments(self) -> Mapping[int, OwnMoments]:
        return cases.own_moments_of(self._connection, self._phones.keys())

    @cached_property
    def _last_called(self) -> Mapping[int, E164]:
        return attempts.last_called(self._connection, self._phones.keys())

    @cached_property
    def _out_of_use(self) -> Mapping[tuple[E164, Channel], str]:
        return number_health.out_of_use(self._connection, self._all_phones)

    @cached_property
    def _wrong_numbers(self) -> Mapping[int, Mapping[E164, WrongNumber]]:
        return wrong_numbers.in_effect_for(self._connection, self._phones.keys())

    @cached_property
    def _consents(self) -> Mapping[E164, Sequence[StoredConsent]]:
        found: dict[E164, list[StoredConsent]] = {}
        for consent in consents.of_phones(self._connection, self._all_phones):
            found.setdefault(consent.phone, []).append(consent)
        return found

    @cached_property
    def _registry(self) -> Entries:
        asked = [
            (case_id, phone)
            for case_id, phones in self._phones.items()
            for phone in phones | self._besides
        ]
        return registry.entries(self._connection, asked, self._wrong_numbers)

    @cached_property
    def _held(self) -> Mapping[str, CampaignCalls]:
        return abandonment.held(self._connection)


def phones_of(case: CaseInfo) -> frozenset[E164]:
    """The phones of a case, as far as they are phone numbers."""
    return frozenset(phone for listed in case.phones if (phone := parse_phone(listed.number)))


def _is_wished(case: CaseInfo, own: OwnMoments) -> bool:
    """Whether staff have set the date that made the case due.

    While a case has its turn it shows the claim's date; what staff wished stands until its end.
    """
    if own.wished_call is None:
        return False
    if case.status is DialerStatus.IN_THE_DIALER:
        return True
    return case.next_call is not None and abs(case.next_call - own.wished_call) < _A_MINUTE
