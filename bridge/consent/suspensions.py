"""A text that somebody at the firm must read suspends until they have decided.

It sounds like an opt-out or a wrong number, limits contact, or ends what was between person and
firm. What a limit asks for (an hour, a channel, a number) is kept as a preference, which the rules
obey, once somebody has said what it is.

suspend              nothing goes to this person, or to this number, until then
confirm_opt_out      "Yes, stop": what STOP itself would have ended ends
confirm_wrong        "Yes, wrong number": for the case that staff name, or for all that have it
deny                 "No" or "Go on": what this question held is released
keep_preferences     "Keep a preference": the same, and how the person wants to be reached is kept

Each of these answers is given once; the cases are told. The caller commits, with the line in the
audit trail, and wakes the workers.
"""

from collections.abc import Collection, Sequence

from bridge.consent.by_hand import HandOptOut, opt_out_by_hand
from bridge.consent.kept_texts import kept_text
from bridge.consent.opt_outs import OptOutRequest, record_opt_out
from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.domain.contact_facts import OptOutScope, Pause, PauseScope
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164
from bridge.domain.preferences import Preference
from bridge.domain.questions import ABOUT_THE_PERSON, Question
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks, communications, questions
from bridge.store.callbacks.communications import Communication
from bridge.store.callbacks.questions import AskedQuestion
from bridge.store.cases import identity
from bridge.store.consent import opt_outs, preferences, wrong_numbers
from bridge.store.consent.preferences import NewPreference
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.db import Connection
from bridge.store.dialing import pauses, skipped
from bridge.store.dialing.pauses import StoredPause
from bridge.store.reporting import deliveries

WRONG_NUMBER = "Wrong number"
"""The reason that is kept with the opt-out of a number that proved to be wrong."""
_DENIED = {
    Question.STOP: NoteKind.GOES_ON,
    Question.LIMIT: NoteKind.LIMIT_READ,
    Question.ENDED: NoteKind.NOT_ENDED,
    Question.WRONG_NUMBER: NoteKind.NUMBER_RIGHT,
}
_SOUNDS = {
    Question.STOP: "sounded like an opt-out",
    Question.LIMIT: "limits when or how the person may be reached",
    Question.ENDED: "may end the firm's work for this person",
    Question.WRONG_NUMBER: "sounded like an opt-out",
}


def suspend(
    runtime: Runtime,
    connection: Connection,
    phone: E164,
    asked: Question,
    case_id: int | None = None,
) -> None:
    """Hold back everything that goes to this person; for a wrong number, to this number alone."""
    now, reason = runtime.clock(), _why_suspended(phone, asked)
    who = identity.identify(connection, case_id, phone, runtime.settings.own_numbers)
    pauses.add(connection, Pause(PauseScope.NUMBER, phone, None, reason), pauses.BY_TEXT, now)
    if asked in ABOUT_THE_PERSON:
        for case in who.cases:
            pause = Pause(PauseScope.CASE, str(case), None, reason)
            pauses.add(connection, pause, pauses.BY_TEXT, now)


def confirm_opt_out(
    runtime: Runtime, connection: Connection, callback_id: int, by: str
) -> AskedQuestion | None:
    """The text means stop: what STOP would end, ends. None, or who has answered before.

    That answers what else is asked about the person for texts of this phone, too.
    """
    callbacks.lock(connection)
    asked, text = _asked(connection, callback_id, *ABOUT_THE_PERSON)
    if asked.settled_at is not None or text is None or text.phone is None:
        return asked
    words = kept_text(connection, text.sid)
    request = OptOutRequest(
        text.phone,
        Channel.TEXT,
        OptOutScope(runtime.settings.opt_out_scope),
        opt_outs.BY_TEXT,
        text.sid,
        text.case_id,
        words.body if words else "",
    )
    record_opt_out(runtime, connection, request)
    _settle_alike(runtime, connection, text.phone, ABOUT_THE_PERSON, by)
    _release_unless_asked(runtime, connection, text.phone, by, "Yes, stop")
    return None


def confirm_wrong(
    runtime: Runtime,
    connection: Connection,
    callback_id: int,
    by: str,
    case_id: int | None = None,
) -> AskedQuestion | None:
    """The number is wrong for its case, or for `case_id` of several that share it.

    None, or who has answered before. Where no case is known to have the number, or to have had it
    wrongly, it is opted out for whoever may have it.

    Raises:
        LookupError: it wasn't asked about this callback, or that case doesn't have the number.
    """
    callbacks.lock(connection)
    asked, text = _asked(connection, callback_id, Question.WRONG_NUMBER)
    if asked.settled_at is not None or text is None or text.phone is None:
        return asked
    sharing = identity.sharing(connection, text.phone, runtime.settings.own_numbers)
    if case_id is not None and case_id not in sharing:
        raise LookupError(callback_id)
    whose = text.case_id if case_id is None else case_id
    is_known = wrong_numbers.is_wrong_for_any(connection, text.phone)
    if whose is None and not sharing and not is_known:
        opt_out_by_hand(runtime, connection, HandOptOut(None, text.phone, by, WRONG_NUMBER))
    said = SaidWrong(text.phone, whose, WrongNumberWay.TEXT, by, text.sid)
    record_wrong_number(runtime, connection, said)
    _settle_alike(runtime, connection, text.phone, {Question.WRONG_NUMBER}, by)
    _release_unless_asked(runtime, connection, text.phone, by, "Yes, wrong number")
    return None


def deny(
    runtime: Runtime, connection: Connection, callback_id: int, by: str
) -> AskedQuestion | None:
    """Contact goes on, or the number is right. None, or who has answered before.

    What was held for it is released, unless another text of the phone still asks the same.
    """
    callbacks.lock(connection)
    asked, text = _asked(connection, callback_id, *_DENIED)
    if asked.settled_at is not None or text is None or text.phone is None:
        return asked
    _settle(runtime, connection, asked, text, by)
    _release_unless_asked(runtime, connection, text.phone, by, "No")
    if text.case_id is not None:
        about = EventNote(_DENIED[asked.question], text.sid, text.phone, by=by)
        queue_note(runtime, connection, text.case_id, about)
    return None


def keep_preferences(
    runtime: Runtime,
    connection: Connection,
    callback_id: int,
    wanted: Sequence[Preference],
    by: str,
) -> AskedQuestion | None:
    """The person wants to be reached so, and contact goes on. None, or who has answered before."""
    callbacks.lock(connection)
    asked, text = _asked(connection, callback_id, Question.LIMIT)
    if asked.settled_at is not None or text is None or text.phone is None:
        return asked
    for preference in wanted:
        new = NewPreference(preference, text.case_id, text.sid, by)
        preferences.add(connection, new, runtime.clock())
    who = identity.identify(connection, text.case_id, text.phone, runtime.settings.own_numbers)
    # What a newer one has replaced may have deferred them for longer.
    skipped.decide_again(connection, who.cases, runtime.clock())
    _settle(runtime, connection, asked, text, by)
    _release_unless_asked(runtime, connection, text.phone, by, "Keep a preference")
    if text.case_id is not None:
        says = ", and ".join(preference.says for preference in wanted)
        about = EventNote(NoteKind.PREFERENCE_KEPT, text.sid, text.phone, ends=says, by=by)
        queue_note(runtime, connection, text.case_id, about)
    return None


def _settle(
    runtime: Runtime, connection: Connection, asked: AskedQuestion, text: Communication, by: str
) -> None:
    """The question is answered; of a text that nobody is known for, it is asked whose it was."""
    if text.case_id is None and deliveries.is_unmatched(connection, text.sid):
        # SmartAdvocate knew nobody with this number either.
        questions.ask_next(connection, asked.callback_id, Question.WHOSE)
    else:
        questions.settle(connection, [asked.callback_id], by=by, now=runtime.clock())


def _asked(
    connection: Connection, callback_id: int, *which: Question
) -> tuple[AskedQuestion, Communication | None]:
    """The question and its text.

    Raises:
        LookupError: nothing of the kind was asked about this callback.
    """
    asked = questions.get(connection, callback_id)
    if asked is None or asked.question not in which:
        raise LookupError(callback_id)
    return asked, communications.find(connection, asked.sid)


def _settle_alike(
    runtime: Runtime, connection: Connection, phone: E164, settled: Collection[Question], by: str
) -> None:
    """One answer is that to every text of the phone about which one of these is asked."""
    alike = [
        other.callback_id
        for other in questions.open_of_phone(connection, phone)
        if other.question in settled
    ]
    questions.settle(connection, alike, by=by, now=runtime.clock())


def _release_unless_asked(
    runtime: Runtime, connection: Connection, phone: E164, by: str, answer: str
) -> None:
    """Lift what the texts of this phone held, once nothing is asked about any of them."""
    if questions.open_of_phone(connection, phone):
        return
    now = runtime.clock()
    held = _held_for(runtime, connection, phone)
    pauses.lift_these(connection, [kept.id for kept in held], by=by, reason=answer, now=now)


def _held_for(runtime: Runtime, connection: Connection, phone: E164) -> list[StoredPause]:
    """The pauses that texts of this phone have set.

    Another phone may end in the same four digits, which alone stand in the reason: as long as its
    texts are asked about, its person's cases remain on hold.
    """
    reasons = {_why_suspended(phone, asked) for asked in _SOUNDS}
    same = [
        kept
        for kept in pauses.active(connection, runtime.clock())
        if kept.source == pauses.BY_TEXT and kept.pause.reason in reasons
    ]
    own_numbers = runtime.settings.own_numbers
    others = {
        str(case_id)
        for other in questions.open_alike(connection, phone)
        for case_id in identity.identify(connection, None, other, own_numbers).cases
    }
    numbers = [kept for kept in same if kept.pause.scope is PauseScope.NUMBER]
    cases = [kept for kept in same if kept.pause.scope is PauseScope.CASE]
    return [
        *(kept for kept in numbers if kept.pause.what == phone),
        *(kept for kept in cases if kept.pause.what not in others),
    ]


def _why_suspended(phone: E164, asked: Question) -> str:
    return f"a text from …{phone[-4:]} {_SOUNDS[asked]}: somebody must decide"
