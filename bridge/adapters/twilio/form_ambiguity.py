"""Detects forms whose fields were split differently under a signature that is still valid.

Twilio signs the URL and the sorted fields as one string without separators
(docs/reference/twilio.md#signatures). The same characters, split at other places, have the same
signature: `AnsweredBymachine_start` at the end of AccountSid's value is as valid as the field
AnsweredBy. Three things reveal another split:

    names         Twilio's begin with a letter and contain no separators
    hidden names  a missing field's name appears in the signed string
    split values  a value continues in the next field's name, or a longer name was split

Fields that nobody reads may be split in any way: they have no effect.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise, zip_longest

from bridge.errors import Unusable


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]*")
# Twilio's field names that contain the name of a field that is read (docs/reference/twilio.md).
_LONGER_NAMES = _names("""
CallSidEndingConference ChannelToAddress DequeueingCallSid DialCallDuration DialCallSid
DialCallStatus DialSipResponseCode ForwardedFrom FromCity FromCountry FromState FromZip
OriginalRepliedMessageSid ParentCallSid ReferralBody ReferralNumMedia SmsMessageSid ToCity
ToCountry ToState ToZip
""")
_BY_PREFIX = {
    short: tuple(longer for longer in _LONGER_NAMES if longer.startswith(short) and longer != short)
    for longest in _LONGER_NAMES
    for short in (longest[:length] for length in range(1, len(longest)))
}
"""These names by each of their prefixes."""
_SHORT = frozenset({"To", "From"})
"""Names that begin other words: `Tomorrow`, `Fromage`."""
_FREE_TEXT = _names("""
AddOns Address Attributes Body ButtonPayload ButtonText CallerName ChannelMetadata
ContentVariables ConversationAttributes ErrorMessage FlatInteractiveData FriendlyName
InteractiveData Label ListDescription ListTitle Media MessageAttributes ParticipantAttributes
ParticipantLabel ProfileName ReferralBody ReferralHeadline SpeechResult TranscriptionText
""")
"""Fields with free text, which may contain field names. Fields are signed in order, so only a field
that would come right after one of them can be hidden in it. The same holds for the URL's end."""
_LAST = "~"
"""Sorts after every name."""
_TRUSTED_NEXT = _FREE_TEXT | _LONGER_NAMES | {_LAST}
_TRUSTED_NEXT |= _names("""
AccountSid ApiVersion Author CallSid CallStatus ChannelInstallSid ChannelPrefix ChatServiceSid
ConversationSid DateCreated Direction EventType From Index Latitude Longitude MediaContentType0
MediaUrl0 MessageSid MessageType MessagingServiceSid NumMedia NumSegments OptOutType
ParticipantSid RawDlrDoneDate SmsSid SmsStatus Source StirVerstat To WaId
""")
"""Names that may follow free text: a name made of that text itself could hide a field."""
_ADDRESS_PREFIXES = (
    "client:|sips?:|whatsapp:|messenger:|rcs:|anonymous|unknown|restricted|unavailable"
)
_ID_CHARACTER = re.compile(r"[0-9a-z-]")
"""A character of CaseID or Attempt, which may end a URL."""


def refuse_ambiguous_form(
    end: str,
    form: Mapping[str, Sequence[str]],
    read: Collection[str],
    words: Mapping[str, Collection[str]],
    shapes: Mapping[str, str],
) -> None:
    """Refuse fields that Twilio can't have sent like this.

    `end` is the value that ends the URL, `form` has all values of each field, `read` the names of
    the fields that are read. `words` has the fields whose value is one of a few words, `shapes` the
    patterns of others.

    Raises:
        Unusable: the fields were split differently, or one that is read has two values.
    """
    names = sorted(form)
    if not all(map(_NAME.fullmatch, names)):
        raise Unusable("a field has a name that Twilio doesn't use")
    for name, values in form.items():
        if len(values) > 1 and name in read and len(set(values)) > 1:
            raise Unusable(f"{name}: sent twice with different values")
    hidden = _hidden(end, form, names, read)
    if hidden is not None:
        raise Unusable(f"{hidden}: hidden in another field")
    split = _split(end, {name: form[name][0] for name in names}, names, words, shapes)
    if split is not None:
        raise Unusable(f"{split}: continues in the next field's name")


def _hidden(
    end: str, form: Mapping[str, Sequence[str]], names: Sequence[str], read: Collection[str]
) -> str | None:
    """A missing field whose name appears in other fields or across them."""
    pieces, length = [end], len(end)
    texts = [(range(length), "", names[0])] if names[:1] in (["AccountSid"], ["AddOns"]) else []
    for name, behind in zip_longest(names, names[1:], fillvalue=_LAST):
        # A line break instead of a longer name: no shorter name is found in it.
        shown = "\n" if name in _LONGER_NAMES else name
        sent = form[name]
        values = sent[0] if len(sent) == 1 else "".join(sorted(set(sent)))
        pieces += shown, values
        length += len(shown) + len(values)
        if name in _FREE_TEXT and behind in _TRUSTED_NEXT:
            texts.append((range(length - len(values), length), name, behind))
    signed = "".join(pieces)
    for name in sorted(read):
        if name in form or name not in signed:
            continue
        for found in re.finditer(_pattern(name), signed):
            if not _is_only_text(name, found, texts):
                return name
    return None


def _is_only_text(name: str, found: re.Match[str], texts: Sequence[tuple[range, str, str]]) -> bool:
    """Whether a name appears in free text in which the field can't be hidden."""
    return any(
        found.start() in where and found.end() - 1 in where and not before < name < behind
        for where, before, behind in texts
    )


def _pattern(name: str) -> str:
    return rf"{name}(?:(?![a-z])|{_ADDRESS_PREFIXES})" if name in _SHORT else re.escape(name)


def _split(
    end: str,
    values: Mapping[str, str],
    names: Sequence[str],
    words: Mapping[str, Collection[str]],
    shapes: Mapping[str, str],
) -> str | None:
    """A field whose value could continue with the first letter of the next name."""
    if names and end and _ID_CHARACTER.fullmatch(end[-1]) and _ID_CHARACTER.fullmatch(names[0][0]):
        return "the URL"
    for name in filter(_BY_PREFIX.__contains__, names):
        if any((name + values[name]).startswith(longer) for longer in _BY_PREFIX[name]):
            return name
    for name, behind in pairwise(names):
        if name in words and _is_word_beginning(values[name], behind + values[behind], words[name]):
            return name
        if name in shapes and behind[0].islower():
            longer = re.fullmatch(shapes[name], values[name] + behind[0])
            if longer is not None:
                return name
    return None


def _is_word_beginning(value: str, behind: str, words: Collection[str]) -> bool:
    """Whether a value is the beginning of a word that continues after it."""
    whole = value + behind
    return any(whole.startswith(word) for word in words if len(word) > len(value))
