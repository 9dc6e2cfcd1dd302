"""Which numbers may be dialed or texted at all (compliance.md, section 6, last row)."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from bridge.domain.phones import E164

_HOME_REGIONS = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
_TYPES = {
    PhoneNumberType.TOLL_FREE: "it is a toll-free number",
    PhoneNumberType.PREMIUM_RATE: "it is a premium number",
}
# By the ten digits. The first is the North American plan's own rule: no area code begins with 0
# or 1 or has a 9 in its middle, no exchange begins with 0 or 1. People fill a field that wants a
# number with 9999999999 or 5555555555.
_NEVER = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (
            r"(\d)\1{9}|[01].*|.9.{8}|555.*|.{3}[01].*",
            "there is no such number: it only fills the field",
        ),
        (r"(?:456|700|710|88[0-2]).*", "it is no number of a person"),
        (r"(?:800|822|833|844|855|866|877|888).*", "it is a toll-free number"),
        (r"900.*", "it is a premium number (900)"),
        (r"(?:.{3})?[2-9]11.*|.{3}5551212", "it belongs to a service such as 911"),
        (r".{3}976.*", "it is a premium number (976)"),
    )
)
_FOREIGN = "it is not a US number"


def refusal(phone: E164) -> str | None:
    """Why this number is never dialed; None when it may be.

    Refused are 900 and 976 (premium), N11 (services), toll-free and non-US numbers, and what no
    number can be.
    """
    number = phonenumbers.parse(phone)
    digits = phone.removeprefix("+1")
    if number.country_code != 1 or len(digits) != len("4025555759"):
        return _FOREIGN
    for pattern, why in _NEVER:
        if pattern.fullmatch(digits):
            return why
    region = phonenumbers.region_code_for_number(number)
    if region is not None and region not in _HOME_REGIONS:
        return _FOREIGN
    return _TYPES.get(phonenumbers.number_type(number))
