"""Which numbers may ever be dialed or texted.

See docs/reference/law.md#numbers-that-are-never-dialed.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from bridge.domain.phones import E164

_HOME_REGIONS = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
_TYPES = {
    PhoneNumberType.TOLL_FREE: "it is a toll-free number",
    PhoneNumberType.PREMIUM_RATE: "it is a premium number",
}
# Patterns of ten digits. The first is the North American numbering plan's own rule: no area code
# begins with 0 or 1 or has a 9 in the middle, no exchange begins with 0 or 1. People who must fill
# in a number enter 9999999999 or 5555555555.
_NEVER = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (r"(\d)\1{9}|[01].*|.9.{8}|555.*|.{3}[01].*", "it is a placeholder number"),
        (r"(?:456|700|710|88[0-2]).*", "it is not a personal number"),
        (r"(?:800|822|833|844|855|866|877|888).*", "it is a toll-free number"),
        (r"900.*", "it is a premium number (900)"),
        (r"(?:.{3})?[2-9]11.*|.{3}5551212", "it is a service number such as 911"),
        (r".{3}976.*", "it is a premium number (976)"),
    )
)
_FOREIGN = "it is not a US number"
_KEPT = 32_768
"""Of so many numbers the answer is kept: it is asked a dozen times for each that is planned, and a
poll plans what it has decided on only when it has gone through its list.
"""


@lru_cache(_KEPT)
def why_not_dialable(phone: E164) -> str | None:
    """Why this number is never dialed; None when it may be.

    Never dialed are premium (900 and 976), service (N11), toll-free and non-US numbers, and
    placeholders that can't be a number.
    """
    digits = phone.removeprefix("+1")
    if not phone.startswith("+1") or len(digits) != len("4025555759"):
        return _FOREIGN
    for pattern, why in _NEVER:
        if pattern.fullmatch(digits):
            return why
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(digits))
    region = phonenumbers.region_code_for_number(number)
    if region is not None and region not in _HOME_REGIONS:
        return _FOREIGN
    # Only area codes that begin so are ever toll-free or premium; to ask takes a while.
    return _TYPES.get(phonenumbers.number_type(number)) if digits[0] in "89" else None
