"""What the firm says to people must not reveal what it is about: others may see or hear it.

A text shows on a locked phone, a voicemail plays in a kitchen (compliance.md, section 0: ABA Model
Rule 1.6). So only the firm's name and number are filled in, and words that tell of the matter are
refused.
"""

import re
from string import Formatter

FIELDS = frozenset({"firm", "phone"})

_REVEALING = (
    r"accidents?", r"injur(?:y|ies|ed)", r"lawsuits?", r"defendants?", r"plaintiffs?",
    r"settlements?", r"diagnos(?:is|es|ed)", r"medical", r"surger(?:y|ies)", r"malpractice",
    r"bankruptc(?:y|ies)", r"divorces?", r"custody", r"arrest(?:s|ed)?", r"criminal", r"dui",
    r"dwi",
    r"deportation", r"immigration", r"wrongful death", r"insurance claims?", r"abuse[ds]?",
    r"assault(?:s|ed)?", r"overdose", r"disabilit(?:y|ies)", r"bail", r"probation",
)  # fmt: skip
_REVEALS = re.compile(rf"\b({'|'.join(_REVEALING)})\b", re.IGNORECASE)

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("\f^{}\\[~]|€")
_ONE_PART, _ONE_WIDE_PART = 160, 70


def complaint(template: str, *, most: int) -> str | None:
    """Why these words may not be said, in one sentence; None when they may.

    `most` is the number of characters that fit.
    """
    if len(template) > most:
        return f"it has {len(template)} characters, and at most {most} can be sent"
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return "its braces don't match: only {firm} and {phone} are filled in"
    if any(form or conversion for _, _, form, conversion in parts):
        return "it fills fields in with a form of their own: only {firm} and {phone} are filled in"
    odd = sorted({name for _, name, _, _ in parts if name is not None} - FIELDS)
    if odd:
        return (
            f"it would fill in {{{odd[0]}}}, and whoever sees or hears it must not learn what it "
            "is about: only {firm} and {phone} are filled in"
        )
    told = _REVEALS.search(template)
    if told is not None:
        return (
            f"it says {told[0]!r}, and whoever sees or hears it must not learn what it is about "
            "(ABA Model Rule 1.6)"
        )
    return None


def filled(template: str, *, firm: str, phone: str) -> str:
    """The words with the firm's name and number filled in."""
    return template.format(firm=firm, phone=phone)


def doubts(template: str) -> list[str]:
    """What a text should better say or leave out, in sentences for the operator."""
    found = []
    if "{firm}" not in template:
        found.append("it doesn't say who writes: {firm} is missing")
    if "stop" not in template.casefold():
        found.append("it names no way to opt out, such as: Reply STOP to opt out")
    wide = next((one for one in template if one not in _GSM | _GSM_DOUBLE), None)
    length = sum(2 if one in _GSM_DOUBLE - set("{}") else 1 for one in template)
    if wide is not None:
        found.append(f"{wide!r} makes a part of the text hold 70 characters instead of 160")
    if length > (_ONE_PART if wide is None else _ONE_WIDE_PART):
        found.append(f"with {length} characters it is sent, and billed, in several parts")
    return found
