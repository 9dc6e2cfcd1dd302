"""Phone numbers: parsed to E.164, and shown as people write them.

Twilio's `From` and `To` may also be free text (`anonymous`), that word in keypad digits
(`+266696687`), SIP URIs or client names (docs/reference/twilio.md#fields-of-call-callbacks); none
of these is a number.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NewType

import phonenumbers

E164 = NewType("E164", str)
"""A valid number in E.164 form, such as `+14025555759`."""

_CHANNEL_PREFIXES = ("whatsapp:", "rcs:")
_REGION = "US"
_LONGEST_RAW = 60
_SHOWN_KEPT = 4096
"""So many numbers are kept as people write them: a page shows the same ones again and again."""
_PARSED_KEPT = 32_768
"""And so many as they are parsed: whoever plans the calls of a case asks for its phones a dozen
times, and a poll plans what it has decided on only when it has gone through its list.
"""
_NUMBER_LIKE = re.compile(
    r"^([+(]?[0-9][0-9\s().+/-]*)(?:[,;]?\s*(?:extension|ext|x|#)[.:]?\s*[0-9]{0,8})?$",
    re.IGNORECASE,
)
# Nothing of these is a prefix, so there is nothing to take apart: most numbers come like this.
_AMERICAN = re.compile(r"(?:\+1)?([2-9][0-9]{9})")
# What people and word processors write around a number: `Cell: …`, `… (cell)`, `tel:…`.
_LABEL = r"(?:cell|cell phone|mobile|home|work|office|phone|tel)"
_AROUND = re.compile(rf"^{_LABEL}:\s*|\s*\({_LABEL}\)$", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"^(?:00|011)\s*(?=1[^0-9]*[2-9])")
# Twilio shows a withheld caller as one of these: ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN,
# BLOCKED or PRIVATE in keypad digits after a plus sign, so none is a US number.
_WITHHELD = frozenset(
    {"+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533", "+7748283"}
)


@lru_cache(_PARSED_KEPT)
def parse_phone(raw: str | None) -> E164 | None:
    """The number in `raw` as E.164, or None when it holds no usable number.

    It may have punctuation, a leading 1 or +1, and an extension, which is dropped. A number without
    a country code is a US number.
    """
    text = _plain(raw or "")
    for prefix in _CHANNEL_PREFIXES:
        text = text.removeprefix(prefix)
    text = _INTERNATIONAL.sub("+", _AROUND.sub("", text))
    plain = _AMERICAN.fullmatch(text)
    if plain is not None:
        return E164(f"+1{plain[1]}")
    match = _NUMBER_LIKE.match(text) if len(text) <= _LONGEST_RAW else None
    if match is None or text in _WITHHELD:
        return None
    try:
        number = phonenumbers.parse(match[1], _REGION)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return E164(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _plain(raw: str) -> str:
    """The text with plain dashes and spaces, and without hidden characters."""
    kept = (
        "-" if unicodedata.category(character) == "Pd" else character
        for character in unicodedata.normalize("NFKC", raw)
        if unicodedata.category(character) != "Cf"
    )
    return "".join(kept).strip()


@lru_cache(_SHOWN_KEPT)
def display(phone: E164) -> str:
    """The number as people write it: `(402) 555-5759`; foreign ones with their country code."""
    number = phonenumbers.parse(phone)
    domestic = number.country_code == 1
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if domestic else style.INTERNATIONAL)


def ten_digits(phone: E164) -> str | None:
    """The ten digits that AddCaseNoteByPhone takes (docs/reference/smartadvocate.md#the-calls);
    None for a foreign number.
    """
    return phone[2:] if phone.startswith("+1") and len(phone) == len("+14025555759") else None


def last_four(raw: str | None) -> str:
    """What logs may show of a number or an address: `…5759`, or nothing."""
    digits = "".join(filter(str.isdigit, raw or ""))
    return f"…{digits[-4:]}" if digits else ""
