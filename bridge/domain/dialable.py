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
_AREA_CODES = {
    **dict.fromkeys(("800", "822", "833", "844", "855", "866", "877", "888"), "it is toll-free"),
    "900": "it is a premium number (900)",
}
_SERVICE = re.compile(r"[2-9]11")
_PAID_EXCHANGE = "976"


def refusal(phone: E164) -> str | None:
    """Why this number is never dialed; None when it may be.

    Refused are 900 and 976 (premium), N11 (services), toll-free and non-US numbers.
    """
    number = phonenumbers.parse(phone)
    digits = phone.removeprefix("+1")
    if number.country_code != 1 or len(digits) != len("4025555759"):
        return "it is not a US number"
    area, exchange = digits[:3], digits[3:6]
    if area in _AREA_CODES:
        return _AREA_CODES[area]
    if _SERVICE.fullmatch(area) or _SERVICE.fullmatch(exchange):
        return "it belongs to a service such as 911"
    if exchange == _PAID_EXCHANGE:
        return "it is a premium number (976)"
    region = phonenumbers.region_code_for_number(number)
    if region is not None and region not in _HOME_REGIONS:
        return "it is not a US number"
    return _TYPES.get(phonenumbers.number_type(number))
