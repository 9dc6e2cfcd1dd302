"""Whether fields were cut anew under a signature that still holds.

Twilio signs the URL and the sorted fields as one string without separators (twilio.md, 3.1). The
same characters, cut at other places, keep the signature: `AnsweredBymachine_start` on the end of
AccountSid's value is signed as well as the field AnsweredBy. Three things give a new cut away:

    its names     Twilio's begin with a letter and hold no sign that separates
    what it hides a field that is read and isn't there stands in the string all the same
    what it splits  a value would go on with the name that follows, or a longer name stood there

A field that nobody reads may be cut as one likes: it says nothing.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise, zip_longest

from bridge.errors import Unusable

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]*")
# Names of Twilio's that have the name of a field in them that is read (twilio.md, 1.3 to 1.5, 2.4).
_LONGER = frozenset(
    {
        "SmsMessageSid",
        "OriginalRepliedMessageSid",
        "ParentCallSid",
        "DialCallSid",
        "DialCallStatus",
        "DialCallDuration",
        "DialSipResponseCode",
        "CallSidEndingConference",
        "DequeueingCallSid",
        "ReferralNumMedia",
        "ReferralBody",
        "ForwardedFrom",
        "ChannelToAddress",
    }
    | {f"{side}{what}" for side in ("From", "To") for what in ("City", "State", "Zip", "Country")}
)
_BEGUN_BY = {
    short: tuple(longer for longer in _LONGER if longer.startswith(short) and longer != short)
    for longest in _LONGER
    for short in (longest[:length] for length in range(1, len(longest)))
}
"""By every beginning of these names, those that begin so."""
_SHORT = frozenset({"To", "From"})
"""Names that other words begin with: `Tomorrow`, `Fromage`."""
_WORDS = frozenset(
    {
        "AddOns",
        "Address",
        "Attributes",
        "Body",
        "ButtonPayload",
        "ButtonText",
        "CallerName",
        "ChannelMetadata",
        "ContentVariables",
        "ConversationAttributes",
        "ErrorMessage",
        "FlatInteractiveData",
        "FriendlyName",
        "InteractiveData",
        "Label",
        "ListDescription",
        "ListTitle",
        "Media",
        "MessageAttributes",
        "ParticipantAttributes",
        "ParticipantLabel",
        "ProfileName",
        "ReferralBody",
        "ReferralHeadline",
        "SpeechResult",
        "TranscriptionText",
    }
)
"""Here somebody may write whatever they like, names of fields too. Fields are signed in order, so
only one that comes next behind it can have been hidden in it. So it is with the end of the URL."""
_LAST = "~"
"""Behind every name."""
_NEXT = (
    _WORDS
    | _LONGER
    | {
        "AccountSid",
        "ApiVersion",
        "Author",
        "CallSid",
        "CallStatus",
        "ChannelInstallSid",
        "ChannelPrefix",
        "ChatServiceSid",
        "ConversationSid",
        "DateCreated",
        "Direction",
        "EventType",
        "From",
        "Index",
        "Latitude",
        "Longitude",
        "MediaContentType0",
        "MediaUrl0",
        "MessageSid",
        "MessageType",
        "MessagingServiceSid",
        "NumMedia",
        "NumSegments",
        "OptOutType",
        "ParticipantSid",
        "RawDlrDoneDate",
        "SmsSid",
        "SmsStatus",
        "Source",
        "StirVerstat",
        "To",
        "WaId",
        _LAST,
    }
)
"""Names that may be trusted to stand behind words: one that was made of them could hide a field."""
_ADDRESSED = "client:|sips?:|whatsapp:|messenger:|rcs:|anonymous|unknown|restricted|unavailable"
_OURS = re.compile(r"[0-9a-z-]")
"""What CaseID and Attempt, which may end a URL, are made of."""


def refuse_ambiguous_form(
    end: str,
    form: Mapping[str, Sequence[str]],
    read: Collection[str],
    words: Mapping[str, Collection[str]],
    shapes: Mapping[str, str],
) -> None:
    """Refuse fields that Twilio can't have cut so.

    `end` is the value that ends the URL, `form` has all values of each field. `read` names the
    fields that say something here; `words` has those that are one word of a few, `shapes` the
    patterns of others.

    Raises:
        Unusable: they were cut anew, or a field that is read was sent twice with two values.
    """
    names = sorted(form)
    if not all(map(_NAME.fullmatch, names)):
        raise Unusable("a field has a name that Twilio gives to none")
    for name, values in form.items():
        if len(values) > 1 and name in read and len(set(values)) > 1:
            raise Unusable(f"{name}: was sent twice with different values")
    hidden = _hidden(end, form, names, read)
    if hidden is not None:
        raise Unusable(f"{hidden}: stands inside another field")
    split = _split(end, {name: form[name][0] for name in names}, names, words, shapes)
    if split is not None:
        raise Unusable(f"{split}: goes on in the next field's name")


def _hidden(
    end: str, form: Mapping[str, Sequence[str]], names: Sequence[str], read: Collection[str]
) -> str | None:
    """A field that isn't there, while its name is, in or across others."""
    pieces, length = [end], len(end)
    texts = [(range(length), "", names[0])] if names[:1] in (["AccountSid"], ["AddOns"]) else []
    for name, behind in zip_longest(names, names[1:], fillvalue=_LAST):
        # What stands for a longer name is found in nothing.
        shown = "\n" if name in _LONGER else name
        said = form[name]
        values = said[0] if len(said) == 1 else "".join(sorted(set(said)))
        pieces += shown, values
        length += len(shown) + len(values)
        if name in _WORDS and behind in _NEXT:
            texts.append((range(length - len(values), length), name, behind))
    signed = "".join(pieces)
    for name in sorted(read):
        if name in form or name not in signed:
            continue
        for found in re.finditer(_pattern(name), signed):
            if not _is_only_written(name, found, texts):
                return name
    return None


def _is_only_written(
    name: str, found: re.Match[str], texts: Sequence[tuple[range, str, str]]
) -> bool:
    """Whether a name stands in words in which the field can't have been hidden."""
    return any(
        found.start() in where and found.end() - 1 in where and not before < name < behind
        for where, before, behind in texts
    )


def _pattern(name: str) -> str:
    return rf"{name}(?:(?![a-z])|{_ADDRESSED})" if name in _SHORT else re.escape(name)


def _split(
    end: str,
    said: Mapping[str, str],
    names: Sequence[str],
    words: Mapping[str, Collection[str]],
    shapes: Mapping[str, str],
) -> str | None:
    """A field whose value would go on with the first letter of the name behind it."""
    if names and end and _OURS.fullmatch(end[-1]) and _OURS.fullmatch(names[0][0]):
        return "the URL"
    for name in filter(_BEGUN_BY.__contains__, names):
        if any((name + said[name]).startswith(longer) for longer in _BEGUN_BY[name]):
            return name
    for name, behind in pairwise(names):
        if name in words and _is_begun(said[name], behind + said[behind], words[name]):
            return name
        if name in shapes and behind[0].islower():
            longer = re.fullmatch(shapes[name], said[name] + behind[0])
            if longer is not None:
                return name
    return None


def _is_begun(value: str, behind: str, words: Collection[str]) -> bool:
    """Whether a value is the beginning of a word that goes on behind it."""
    goes_on = value + behind
    return any(goes_on.startswith(word) for word in words if len(word) > len(value))
