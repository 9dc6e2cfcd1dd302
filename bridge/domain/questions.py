"""What somebody at the firm is asked about a callback, where the bridge must not decide by itself.

Whose opt-out it was, where several cases share a phone, is asked by the cases that are held for it.
"""

from enum import StrEnum

from bridge.domain.opt_out_language.classifier import Intent


class Question(StrEnum):
    """A question. The same words stand in table and pages."""

    STOP = "stop"
    """Does this text mean stop?"""
    LIMIT = "limit"
    """What does this person want? Contact is limited to an hour, a channel or a number."""
    ENDED = "ended"
    """Is our work for this person over?"""
    WRONG_NUMBER = "wrong-number"
    """Is this number wrong?"""
    WHOSE = "whose"
    """Whose call or text was this?"""
    MALFORMED = "malformed"
    """Signed by Twilio, and unusable: somebody should know."""
    LOOK = "look"
    """Something that the bridge has no word for: somebody should know."""


OF_TEXTS = {
    Intent.REFUSAL: Question.STOP,
    Intent.LIMIT: Question.LIMIT,
    Intent.ENDED: Question.ENDED,
    Intent.WRONG_NUMBER: Question.WRONG_NUMBER,
}
"""What is asked about the texts that hold contact back until somebody has answered."""
ABOUT_THE_PERSON = frozenset({Question.STOP, Question.LIMIT, Question.ENDED})
"""Asked about all contact with a person; the others are about one number, or one callback."""


def of_text(intent: Intent) -> Question | None:
    """What is asked about a text with this intent; None if its words are clear."""
    return OF_TEXTS.get(intent)
