"""Whether a request really came from Twilio (docs/reference/twilio.md#signatures).

Twilio signs the URL as it was given to Twilio plus the form fields. The arithmetic is the SDK's;
this module adds what the SDK leaves open: a missing header, bodies that aren't forms, several
tokens during a rotation, shared keys, and a comparison in constant time.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import (
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    add_port,
    get_signature_algorithm,
    remove_port,
)
from werkzeug.datastructures import MultiDict

FORM = "application/x-www-form-urlencoded"
HEADER = SIGNATURE_HEADER
"""The header with the signature."""

_BODY_HASH = "bodySHA256"


class SignatureProblem(StrEnum):
    """Why a request isn't accepted as Twilio's. The values are labels of `/metrics`."""

    MISSING = "missing"
    WRONG = "wrong"
    SHARED_KEY_UNSET = "shared-key-unset"
    BODY_UNSIGNED = "body-unsigned"
    BODY_CHANGED = "body-changed"


class _Headers(Protocol):
    def get(self, key: str, default: str) -> str: ...


@dataclass(frozen=True)
class SignedRequest:
    """The parts of a request that its signature covers."""

    url: str
    """PUBLIC_URL and the raw request target."""
    fields: MultiDict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class SignatureCheck:
    """Checks signatures against all secrets that Twilio may sign with."""

    tokens: tuple[str, ...] = field(repr=False)
    """The primary auth token and, during a rotation, the secondary one."""
    shared_key: str | None = field(default=None, repr=False)

    def refusal(self, signed: SignedRequest, headers: _Headers) -> SignatureProblem | None:
        """Why this request is refused; None when its signature is right."""
        signature = headers.get(HEADER, "")
        if not signature:
            return SignatureProblem.MISSING
        announced = headers.get(SIGNATURE_SETTINGS_HEADER, "")
        if announced and not self.shared_key:
            return SignatureProblem.SHARED_KEY_UNSET
        algorithm = get_signature_algorithm(announced) if announced else HMAC_SHA1
        secrets = (self.shared_key,) if announced and self.shared_key else self.tokens
        fields, complaint = _signed_fields(signed)
        if complaint is not None:
            return complaint
        for url in _url_variants(signed.url):
            expected = _signatures(secrets, url, fields, algorithm)
            # A list, so that the time taken doesn't reveal which secret matched.
            matches = [hmac.compare_digest(digest, signature.encode()) for digest in expected]
            if any(matches):
                return None
        return SignatureProblem.WRONG


def _signed_fields(signed: SignedRequest) -> tuple[MultiDict[str, str], SignatureProblem | None]:
    """The form's fields, which are signed; for any other body only the hash in the URL is."""
    if signed.content_type == FORM or not signed.body:
        return signed.fields, None
    try:
        claimed = parse_qs(urlsplit(signed.url).query).get(_BODY_HASH)
    except ValueError:
        claimed = None  # an invalid URL
    if not claimed:
        return MultiDict(), SignatureProblem.BODY_UNSIGNED
    actual = RequestValidator("").compute_hash(signed.body.decode("utf-8", "replace"))
    if not hmac.compare_digest(actual.encode(), claimed[0].encode()):
        return MultiDict(), SignatureProblem.BODY_CHANGED
    return MultiDict(), None


def _url_variants(url: str) -> Iterator[str]:
    """The URLs that Twilio may have signed: for voice over HTTPS without the port, else with it."""
    yield url
    try:
        parts = urlsplit(url)
        yield from {remove_port(parts), add_port(parts)} - {url}
    except ValueError:
        return  # an invalid URL or port


def _signatures(
    secrets: Iterable[str], url: str, fields: Mapping[str, str], algorithm: str
) -> list[bytes]:
    try:
        return [
            RequestValidator(secret).compute_signature(url, fields, algorithm).encode()
            for secret in secrets
        ]
    except (ValueError, UnicodeError):
        return []  # an algorithm or characters that no signature can match
