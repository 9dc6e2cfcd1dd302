"""What somebody at the firm hears who has taken a call to a person who may no longer be dialed.

One sentence: what happened, and what to do. A speakerphone may say it to a whole room, so it names
nobody and nothing (docs/reference/law.md#confidentiality).
"""

from collections.abc import Iterable, Mapping

from bridge.domain.decisions import Rule

_ON_HOLD = "We did not call this client, whose contact is on hold: please see To do in the console."
_LATER = "We did not call this client, who may not be called now: the case will come up again."
_SENTENCES: Mapping[Rule, str] = {
    Rule.OPTED_OUT: "We did not call this client, who has asked us to stop: there is nothing to "
    "do.",
    Rule.OPTED_OUT_HERE: "We did not call this client, since somebody at that number has asked us "
    "to stop: please see the case.",
    Rule.PREFERENCE: "We did not call this client, who has asked to be reached in another way or "
    "at another time: please see the case.",
    Rule.DO_NOT_DIAL: "We did not call this client, who was set to Do not Dial: there is nothing "
    "to do.",
    Rule.WRONG_NUMBER: "We did not call this client, whose number has proved wrong: please enter a "
    "better one.",
    Rule.REGISTRY: "We did not call this client, since the do-not-call registry does not allow it: "
    "please see the case.",
    Rule.UNATTRIBUTED: _ON_HOLD,
    Rule.PAUSED: _ON_HOLD,
    Rule.HOURS: "We did not call this client, since calling hours there are over: the case will "
    "come up again.",
    Rule.UNDER_WAY: "We did not call this client, who is on another call with us: the case will "
    "come up again.",
    Rule.TALKED: "We did not call this client, who has just talked with us: the case will come up "
    "again.",
}


def not_dialed(rules: Iterable[Rule]) -> str:
    """The sentence for the first of these rules that has one; a general one where none has."""
    return next((_SENTENCES[rule] for rule in rules if rule in _SENTENCES), _LATER)
