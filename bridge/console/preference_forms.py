"""How a person wants to be reached: the form on To do that keeps it, and what lifts it.

form        what the form asks, filled in with what the text seems to want
keep        the answer "Keep a preference"
lift        a preference is lifted, from the page of a case
shown_for   the preferences of a case, as its page lists them
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.adapters.twilio.callbacks import InboundText
from bridge.consent import suspensions
from bridge.consent.kept_texts import kept_texts
from bridge.consent.preferences import lift_preference
from bridge.console.answers import back, record, too_late
from bridge.console.form_fields import typed
from bridge.console.formats import firm_zone, phone_end
from bridge.console.people import person
from bridge.domain.case_updates import CaseInfo
from bridge.domain.opt_out_language.suggestions import suggested
from bridge.domain.phones import E164, parse_phone
from bridge.domain.preferences import (
    KINDS,
    Preference,
    PreferenceKind,
    Takes,
    checked,
    leave_no_time,
)
from bridge.runtime import Runtime
from bridge.store.callbacks import questions
from bridge.store.cases import cases, identity
from bridge.store.consent import preferences
from bridge.store.console import to_do as store
from bridge.store.console.audit import Action
from bridge.store.console.to_do import AskedCallback
from bridge.store.db import Connection
from bridge.web.current import runtime

_ITS_OWN = "text"
"""The number from which the text came, as the form names it; the others by their position."""
_LATEST = timedelta(days=366)
"""A day further ahead is a slip of the hand."""
_NO_REASON = "Please give a reason: it is noted on the case, and kept."


@dataclass(frozen=True)
class Choice:
    """A number that the form offers."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One kind of preference on the form."""

    kind: PreferenceKind
    label: str
    takes: Takes
    value: str = ""
    """What is filled in; for a kind that takes nothing, anything means that it is chosen."""
    choices: Sequence[Choice] = ()


@dataclass(frozen=True)
class Shown:
    """A preference as the page of a case lists it."""

    id: int
    says: str
    by: str
    since: datetime
    words: str = field(repr=False)
    """The person's own, as far as they are kept."""


def form(asked: AskedCallback, text: InboundText | None, case: CaseInfo | None) -> list[Field]:
    """The form's fields, filled in with what the text seems to want. It is a guess, not an answer.

    `case` is the one of the text, if it is known.
    """
    said_on = asked.at.astimezone(firm_zone()).date()
    guessed = suggested(text.body, said_on) if text else {}
    choices = list(_choices(asked.phone, case))
    fields = []
    for kind, about in KINDS.items():
        value = guessed.get(kind)
        if value is not None and about.takes is Takes.NOTHING:
            value = "yes"
        elif value is not None and about.takes is Takes.NUMBER:
            value = _chosen(value, choices)
        numbers = choices if about.takes is Takes.NUMBER else ()
        fields.append(Field(kind, about.label, about.takes, value or "", numbers))
    return fields


def keep(callback_id: int) -> Response:
    """What does this person want? Contact goes on, and what they want is kept."""
    with runtime().db.begin() as connection:
        asked = store.callback(connection, callback_id)
        if asked is None or asked.phone is None:
            abort(404)
        case = None if asked.case_id is None else cases.get(connection, asked.case_id)
        try:
            wanted = list(_wanted(asked.phone, case))
            _check(wanted)
            _check_besides(connection, asked, wanted)
        except ValueError as error:
            return back(f"Nothing was kept. {error}")
        name = person().name
        try:
            before = suspensions.keep_preferences(runtime(), connection, callback_id, wanted, name)
        except LookupError:
            before = questions.get(connection, callback_id) or abort(404)
        says = "; ".join(preference.says for preference in wanted)
        if before is None:
            subject = f"text from {phone_end(asked.phone)}"
            answer = f"Keep a preference: {says}"
            record(connection, Action.QUESTION_ANSWERED, subject, answer, asked.case_id)
    if before is not None:
        return back(too_late(before))
    return back(f"Kept: {says}. What this text held back goes on.")


def lift(case_id: int, preference_id: int) -> Response:
    """Lift a preference of this case's person, with a reason."""
    reason = typed("reason")
    if not reason:
        flash(_NO_REASON)
        return _to_case(case_id)
    with runtime().db.begin() as connection:
        if all(shown.id != preference_id for shown in _standing(runtime(), connection, case_id)):
            known = preferences.get(connection, preference_id)
            if known is None or known.lifted_at is None:
                abort(404)
        lifted = lift_preference(
            runtime(), connection, preference_id, by=person().name, reason=reason
        )
        if lifted is not None:
            subject = lifted.preference.says
            record(connection, Action.PREFERENCE_LIFTED, subject, reason, case_id)
    runtime().notifier.notify()
    flash("Lifted." if lifted else "This preference was lifted already.")
    return _to_case(case_id)


def shown_for(runtime: Runtime, connection: Connection, case_id: int) -> list[Shown]:
    """The preferences in effect for the person of a case, the oldest first."""
    standing = _standing(runtime, connection, case_id)
    sids = [stored.sid for stored in standing if stored.sid is not None]
    texts = kept_texts(connection, sids) if sids else {}
    shown = []
    for stored in standing:
        text = texts.get(stored.sid or "")
        says, words = stored.preference.says, text.body if text else ""
        shown.append(Shown(stored.id, says, stored.recorded_by, stored.recorded_at, words))
    return shown


def _standing(
    runtime: Runtime, connection: Connection, case_id: int
) -> list[preferences.StoredPreference]:
    who = identity.identify(connection, case_id, None, runtime.settings.own_numbers)
    return [
        stored
        for stored in preferences.standing(connection, who)
        if not stored.preference.is_over(runtime.clock())
    ]


def _choices(phone: E164 | None, case: CaseInfo | None) -> Iterator[Choice]:
    yield Choice(_ITS_OWN, f"{phone_end(phone)}, from which it came")
    for position, listed in enumerate(case.phones if case else ()):
        number = parse_phone(listed.number)
        if number is not None and number != phone:
            yield Choice(str(position), f"{phone_end(number)} {listed.name}".strip())


def _chosen(place: str, choices: Sequence[Choice]) -> str:
    """The number at this place, by the name of the phone; empty where none is called so."""
    if place == "this":
        return _ITS_OWN
    named = (choice for choice in choices if place in choice.label.casefold())
    return next((choice.value for choice in named), "")


def _wanted(phone: E164, case: CaseInfo | None) -> Iterator[Preference]:
    """What the form says.

    Raises:
        ValueError: something in it can't be kept; says so in a sentence.
    """
    for kind, about in KINDS.items():
        given = request.form.get(kind, "").strip()
        if not given:
            continue
        match about.takes:
            case Takes.NOTHING:
                yield Preference(kind, phone)
            case Takes.NUMBER:
                yield Preference(kind, _number(given, phone, case))
            case _:
                yield Preference(kind, phone, _value(kind, given))


def _value(kind: PreferenceKind, given: str) -> str:
    try:
        return checked(kind, given)
    except ValueError:
        what = {Takes.TIME: "a time of day", Takes.DAY: "a day"}[KINDS[kind].takes]
        raise ValueError(f"“{KINDS[kind].label}” needs {what}.") from None


def _number(given: str, phone: E164, case: CaseInfo | None) -> E164:
    listed = case.phones if case else ()
    if given == _ITS_OWN:
        return phone
    position = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1
    number = parse_phone(listed[position].number) if 0 <= position < len(listed) else None
    if number is None:
        raise ValueError("The case no longer has that phone.")
    return number


def _check(wanted: Sequence[Preference]) -> None:
    """Whether it can be kept.

    Raises:
        ValueError: it can't; says so in a sentence.
    """
    now = runtime().clock()
    if not wanted:
        raise ValueError("Choose what the person wants, or “Go on”.")
    if leave_no_time(wanted):
        raise ValueError("These hours leave no time of day.")
    for preference in wanted:
        if preference.is_over(now):
            raise ValueError("That day has come already.")
        if KINDS[preference.kind].takes is Takes.DAY and preference.day > (now + _LATEST).date():
            raise ValueError("That day is more than a year ahead.")


def _check_besides(
    connection: Connection, asked: AskedCallback, wanted: Sequence[Preference]
) -> None:
    """Whether its hours go with those that the person has asked for before.

    Raises:
        ValueError: together they leave no time of day; says so in a sentence.
    """
    if not any(KINDS[preference.kind].takes is Takes.TIME for preference in wanted):
        return
    who = identity.identify(connection, asked.case_id, asked.phone, runtime().settings.own_numbers)
    stay = [
        stored.preference
        for stored in preferences.standing_besides(connection, who, asked.case_id, wanted)
        if KINDS[stored.preference.kind].takes is Takes.TIME
    ]
    if leave_no_time([*wanted, *stay]):
        says = " and ".join(dict.fromkeys(preference.says for preference in stay))
        raise ValueError(
            f"The person has asked before for {says}: together, these hours leave no time of day. "
            "Lift the older one on the case's page, or say both anew."
        )


def _to_case(case_id: int) -> Response:
    return redirect(url_for("console.case", case_id=case_id), 303)
