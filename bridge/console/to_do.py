"""To do: what needs somebody at the firm, asked as questions, the oldest first.

to_do           the questions, and how they are answered (`to_do_actions.py`)
odd_callback    one callback that could not be used, with its raw form
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime, timedelta

from flask import abort, request
from werkzeug.wrappers import Response

from bridge.adapters.geography import holiday
from bridge.adapters.twilio.callbacks import InboundText, form_fields
from bridge.consent.kept_texts import kept_texts
from bridge.console import preference_forms
from bridge.console.formats import firm_zone, moment
from bridge.console.pages import page
from bridge.domain.business_days import a_business_day_after
from bridge.domain.case_updates import CaseInfo
from bridge.domain.events import Channel, Direction
from bridge.domain.phones import E164
from bridge.domain.questions import Question
from bridge.domain.redaction import without_numbers
from bridge.domain.shared_phones import end_of_phone
from bridge.domain.staff_stops import case_of
from bridge.errors import Unusable
from bridge.reporting.dead_letters import in_words
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases, identity
from bridge.store.console import to_do as store
from bridge.store.console.to_do import (
    Asked,
    AskedCallback,
    DeadDelivery,
    HeldCampaign,
    Place,
    SharedPhone,
    WantedNumber,
)
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import HeldCase
from bridge.web.current import runtime

SHOWN = 25
"""Questions a page."""
_TITLES = {
    Question.STOP: "Does this text mean stop?",
    Question.LIMIT: "What does this person want?",
    Question.ENDED: "Is our work for this person over?",
    Question.WRONG_NUMBER: "Is this number wrong?",
    Question.MALFORMED: "Twilio sent something that could not be used",
    Question.LOOK: "Please look at this",
}
_PLACE = re.compile(r"\.".join([r"(\d{1,18})"] * len(fields(Place))))
_MOST_CANDIDATES = 8


@dataclass(frozen=True)
class Card:
    """One question as it is shown."""

    kind: str
    """Which answers there are: the template has a part for each."""
    title: str
    at: datetime
    is_late: bool
    asked: Asked
    case_id: int | None = None
    phone: str | None = None
    """Of which the last digits are shown."""
    words: str | None = field(default=None, repr=False)
    """The person's own."""
    pictures: int = 0
    erased: str = ""
    """What became of the words, where they aren't kept."""
    says: str = field(default="", repr=False)
    """What was to be told, or what is odd."""
    refusal: str = field(default="", repr=False)
    """In SmartAdvocate's words."""
    alike: int = 0
    """How many were refused in the same words, where it is the first of them on the page."""
    held: Sequence[HeldCase] = ()
    candidates: Sequence[int] = ()
    """The known cases with the phone."""
    preferences: Sequence[preference_forms.Field] = ()
    """What may be kept of what a text asks for."""


@dataclass(frozen=True)
class _Known:
    """What the cards of a page have in common."""

    texts: Mapping[str, InboundText]
    held: Mapping[str, Sequence[HeldCase]]
    sharing: Mapping[E164, Sequence[int]]
    cases: Mapping[int, CaseInfo]
    """Those of texts that limit contact."""


def to_do() -> Response:
    """The page."""
    after = _place(request.args.get("after", ""))
    with runtime().db.read() as connection:
        listed = store.listed(connection, after, SHOWN)
        known = _known(connection, listed.asked)
    following = listed.following
    return page(
        "to_do.html",
        "To do",
        cards=[_card(asked, known) for asked in listed.asked],
        following=".".join(map(str, astuple(following))) if following else None,
        is_first=after == Place(),
        most=store.MOST,
    )


def odd_callback(callback_id: int) -> Response:
    """A callback that could not be used: what was wrong, and what it said."""
    with runtime().db.read() as connection:
        asked = store.callback(connection, callback_id)
        found = callbacks.by_ids(connection, [callback_id])
    if asked is None or not found:
        abort(404)
    kept = found[0]
    return page(
        "callback.html",
        f"Callback {callback_id}",
        asked=asked,
        kept=kept,
        erased=_erased(kept.received_at),
        target=without_numbers(kept.target or ""),
        fields=_fields(kept.body),
    )


def _fields(body: bytes | None) -> list[tuple[str, str]]:
    """A raw form's fields, phone numbers by their last digits."""
    if body is None:
        return []
    try:
        fields = form_fields(body)
    except Unusable:
        return [("", without_numbers(body.decode("utf-8", "replace")))]
    return [(name, without_numbers(value)) for name, value in fields.items(multi=True)]


def _place(given: str) -> Place:
    found = _PLACE.fullmatch(given)
    return Place(*map(int, found.groups())) if found else Place()


def _known(connection: Connection, asked: Sequence[Asked]) -> _Known:
    of_callbacks = [one for one in asked if isinstance(one, AskedCallback)]
    reasons = [one.reason for one in asked if isinstance(one, SharedPhone)]
    held: dict[str, list[HeldCase]] = {reason: [] for reason in reasons}
    for one in pauses.held_cases(connection, reasons) if reasons else ():
        held[one.reason].append(one)
    unclear = {
        one.phone
        for one in of_callbacks
        if one.phone and (one.question is Question.WHOSE or _may_be_several(one))
    }
    own = runtime().settings.own_numbers
    sids = [one.sid for one in of_callbacks if one.channel is Channel.TEXT]
    return _Known(
        texts=kept_texts(connection, sids) if sids else {},
        held=held,
        sharing=identity.sharing_each(connection, unclear - set(own)) if unclear else {},
        cases={
            asked.case_id: case
            for asked in of_callbacks
            if asked.question is Question.LIMIT
            and asked.case_id is not None
            and (case := cases.get(connection, asked.case_id)) is not None
        },
    )


def _card(asked: Asked, known: _Known) -> Card:
    late_at = a_business_day_after(asked.at, runtime().settings.firm_zone, holiday)
    is_late = late_at <= runtime().clock()
    if isinstance(asked, DeadDelivery):
        return _of_delivery(asked, is_late=is_late)
    if isinstance(asked, WantedNumber):
        return _of_wanted(asked, is_late=is_late)
    if isinstance(asked, HeldCampaign):
        return _of_campaign(asked, is_late=is_late)
    if isinstance(asked, SharedPhone):
        stopped = case_of(asked.reason)
        if stopped is not None:
            return _of_stopped(asked, stopped, known.held[asked.reason], is_late=is_late)
        return Card(
            "shared",
            "Who opted out?",
            asked.at,
            is_late,
            asked,
            phone=end_of_phone(asked.reason),
            held=known.held[asked.reason],
        )
    return _of_callback(asked, known, is_late=is_late)


def _may_be_several(asked: AskedCallback) -> bool:
    """Whether it must be said for which of several cases a number is wrong."""
    return asked.question is Question.WRONG_NUMBER and asked.case_id is None


def _of_wanted(asked: WantedNumber, *, is_late: bool) -> Card:
    title = f"Case {asked.case_id} needs a better phone number"
    return Card("wanted", title, asked.at, is_late, asked, case_id=asked.case_id, phone=asked.phone)


def _of_campaign(asked: HeldCampaign, *, is_late: bool) -> Card:
    title = f"Campaign {asked.campaign or 'without a name'} goes agent first: calls were abandoned"
    return Card("abandoned", title, asked.at, is_late, asked, says=asked.calls.says)


def _of_stopped(
    asked: SharedPhone, stopped: int, held: Sequence[HeldCase], *, is_late: bool
) -> Card:
    others = " and ".join(f"case {other.case_id}" for other in held)
    title = f"Case {stopped} was set to Do not Dial by staff. Is that meant for {others}, too?"
    return Card("stopped", title, asked.at, is_late, asked, case_id=stopped, held=held)


def _of_delivery(asked: DeadDelivery, *, is_late: bool) -> Card:
    says = in_words(asked.kind, asked.payload, firm_zone())
    return Card(
        "dead",
        "SmartAdvocate refused this",
        asked.at,
        is_late,
        asked,
        case_id=asked.case_id,
        says=without_numbers(says),
        refusal=without_numbers(asked.refusal or ""),
        alike=asked.alike,
    )


def _of_callback(asked: AskedCallback, known: _Known, *, is_late: bool) -> Card:
    is_text_in = asked.channel is Channel.TEXT and asked.direction is Direction.INBOUND
    text = known.texts.get(asked.sid) if is_text_in else None
    word = "text" if asked.channel is Channel.TEXT else "call"
    return Card(
        asked.question,
        _TITLES.get(asked.question, f"Whose {word} was this?"),
        asked.at,
        is_late,
        asked,
        case_id=asked.case_id,
        phone=asked.phone,
        words=text.body if text else None,
        pictures=text.pictures if text else 0,
        erased=_erased(asked.at) if is_text_in and text is None else "",
        says=asked.complaint or "",
        candidates=known.sharing.get(asked.phone, ())[:_MOST_CANDIDATES] if asked.phone else (),
        preferences=preference_forms.form(asked, text, known.cases.get(asked.case_id or 0))
        if asked.question is Question.LIMIT
        else (),
    )


def _erased(received_at: datetime) -> str:
    """When what was received then lost its raw form, as a sentence."""
    days = runtime().settings.retention_days
    at = received_at + timedelta(days=days)
    if at > runtime().clock():
        return "The words were erased on request."
    return f"The words were erased on {moment(at)}: they are kept for {days} days."
