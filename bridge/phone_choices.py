"""Which phone of a case is called, and which is texted, by what is known of its person.

choose         the phones in the order in which they are to be called, and the one to text
is_registered  whether a lead may not be called for being on the do-not-call registry
"""

from collections.abc import Mapping, Sequence

from bridge.background import Background, phones_of
from bridge.domain.case_updates import CaseInfo
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.eligibility import opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.phone_choice import PhoneChoice, choose_phones
from bridge.domain.phones import E164
from bridge.domain.registry import check as check_registry


def choose(background: Background, case: CaseInfo, active_pauses: Sequence[Pause]) -> PhoneChoice:
    """The phones of a case, in the order in which they are to be called, and the one to text."""
    opt_outs = background.opt_outs_at(case)
    unfit_numbers = _unfit_numbers(background, case, active_pauses)

    def unfit(channel: Channel, phone: E164) -> str | None:
        if phone in unfit_numbers:
            return unfit_numbers[phone]
        if any(opt_out_applies(opt_out, channel, phone) for opt_out in opt_outs):
            return "it has opted out"
        return background.out_of_use(phone, channel) or _why_registered(
            background, case, channel, phone
        )

    return choose_phones(
        case.phones,
        last_called=background.last_called(case.case_id),
        unfit_for_calls=lambda phone: unfit(Channel.CALL, phone),
        unfit_for_texts=lambda phone: unfit(Channel.TEXT, phone),
        has_agreed_to_texts=lambda phone: _agreed_to_texts(background, case, phone),
    )


def is_registered(background: Background, case: CaseInfo) -> bool:
    """Whether a lead may not be called at any of its numbers that are on the registry."""
    return any(_why_registered(background, case, Channel.CALL, phone) for phone in phones_of(case))


def _unfit_numbers(
    background: Background, case: CaseInfo, active_pauses: Sequence[Pause]
) -> Mapping[E164, str]:
    """The numbers that are neither called nor texted, whatever the contact, and why."""
    return {
        **background.wrong_numbers(case.case_id),
        **background.unwanted_numbers(case),
        **{
            E164(pause.what): f"it is paused: {pause.reason}"
            for pause in active_pauses
            if pause.scope is PauseScope.NUMBER
        },
        **dict.fromkeys(background.settings.own_numbers, "it is the firm's own number"),
    }


def _agreed_to_texts(background: Background, case: CaseInfo, phone: E164) -> bool:
    """Whether anything allows a text to this phone of a case; no matter where none are sent."""
    if not background.settings.text_enabled:
        return True
    return background.agreed(case, Channel.TEXT, phone).basis is not None


def _why_registered(
    background: Background, case: CaseInfo, channel: Channel, phone: E164
) -> str | None:
    """Why a lead's number is skipped that is on the registry; None where that ends nothing."""
    listing = background.listing(case, phone)
    if listing is None or not listing.is_listed:
        return None
    entry, purpose = background.registered(case, phone), background.purpose(case.campaign)
    basis = background.agreed(case, channel, phone).basis
    zone = background.settings.firm_zone
    refused = check_registry(entry, purpose, basis, background.now, zone).refuses
    return refused.reason if refused else None
