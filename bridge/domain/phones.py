"""Phone numbers: from whatever Twilio or SmartAdvocate hold to E.164, and back to what people read.

Twilio's `From` and `To` may also be free text (`anonymous`), the letters' number that stands for
it (`+266696687`), SIP URIs or client names (twilio.md, table 1.3); none of these is a number.
"""

import re
import unicodedata
from typing import NewType

import phonenumbers

E164 = NewType("E164", str)
"""A valid number in E.164 form, such as `+14025555759`."""

_CHANNEL_PREFIXES = ("whatsapp:", "rcs:")
_REGION = "US"
_LONGEST_RAW = 60
_NUMBER_LIKE = re.compile(
    r"^([+(]?[0-9][0-9\s().+/-]*)(?:[,;]?\s*(?:extension|ext|x|#)[.:]?\s*[0-9]{0,8})?$",
    re.IGNORECASE,
)
# What people and word processors put around a number: `Cell: …`, `… (cell)`, `tel:…`.
_LABEL = r"(?:cell|cell phone|mobile|home|work|office|phone|tel)"
_AROUND = re.compile(rf"^{_LABEL}:\s*|\s*\({_LABEL}\)$", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"^(?:00|011)\s*(?=1[^0-9]*[2-9])")
# Twilio shows a withheld caller as one of these: the keypad's letters for ANONYMOUS, RESTRICTED,
# UNAVAILABLE, UNKNOWN, BLOCKED and PRIVATE behind a plus sign, so no number of the US plan.
_WITHHELD = frozenset(
    {"+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533", "+7748283"}
)


def parse_phone(raw: str | None) -> E164 | None:
    """Return the number in `raw` as E.164, or None when there is no usable number in it.

    Accepts punctuation, a leading 1 or +1 and extensions, which are dropped; a number without a
    country is taken as a US one.
    """
    text = _plain(raw or "")
    for prefix in _CHANNEL_PREFIXES:
        text = text.removeprefix(prefix)
    text = _INTERNATIONAL.sub("+", _AROUND.sub("", text))
    shaped = _NUMBER_LIKE.match(text) if len(text) <= _LONGEST_RAW else None
    if shaped is None or text in _WITHHELD:
        return None
    try:
        number = phonenumbers.parse(shaped[1], _REGION)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return E164(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _plain(raw: str) -> str:
    """Pasted dashes and spaces as their plain likes; what can't be seen is gone."""
    known = unicodedata.normalize("NFKC", raw)
    kept = (
        "-" if unicodedata.category(one) == "Pd" else one
        for one in known
        if unicodedata.category(one) != "Cf"
    )
    return "".join(kept).strip()


def display(phone: E164) -> str:
    """The number as a paralegal writes it: `(402) 555-5759`; foreign ones with their country."""
    number = phonenumbers.parse(phone)
    domestic = number.country_code == 1
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if domestic else style.INTERNATIONAL)


def ten_digits(phone: E164) -> str | None:
    """The number as AddCaseNoteByPhone takes it (interface.md); None for a foreign number."""
    return phone[2:] if phone.startswith("+1") and len(phone) == len("+14025555759") else None


def last_four(raw: str | None) -> str:
    """What logs may show of a number or an address: `…5759`, or nothing."""
    digits = "".join(filter(str.isdigit, raw or ""))
    return f"…{digits[-4:]}" if digits else ""
