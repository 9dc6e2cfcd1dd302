"""Thousands of odd requests, the same in every run: what the Internet sends, and worse."""

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes

from tests.support.signing import call_fields, just_now, signature, text_fields

ROUTES = (
    "/twilio/voice/status",
    "/twilio/voice/answer",
    "/twilio/voice/keypress",
    "/twilio/voice/dialed",
    "/twilio/voice/amd",
    "/twilio/voice/inbound",
    "/twilio/messages/status",
    "/twilio/messages/inbound",
)
OTHERS = ("/healthz", "/readyz", "/metrics", "/", "/console/", "/admin", "/.env", "/wp-login.php")
_METHODS = ("POST", "GET", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "PROPFIND", "x")
_FORM = "application/x-www-form-urlencoded"
_TYPES = (
    _FORM,
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
    "\xff",
    _FORM + "; charset=utf-7",
    _FORM + ";a=b" * 200,
)
_ODD = (
    "\0",
    "a\0b",
    "\x7f",
    "\x1b[2J",
    "\r\nX-Injected: 1",
    "\u202e",
    "\u2028",
    "\U0001f480" * 20,
    "\ud7ff\ue000",
    "\ufeff",
    "\ufffd",
    "'; DROP TABLE callbacks; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/x}",
    "../../../etc/passwd",
    "%00",
    "%s%n%x",
    "-1",
    "1e309",
    "NaN",
    "9" * 400,
    "0x7",
    "\u0661\u0662",
    "true",
    "null",
    "[]",
    "{}",
    " ",
    "\t",
    "+",
    "&",
    "=",
    "+14025555759",
    "anonymous",
    "client:x",
    "sip:a@b.example.com",
    "+" + "9" * 40,
    "x" * 5000,
    "CA" + "f" * 32,
    "CA" + "f" * 31,
    "completed",
    "in-progress",
    "machine_start",
    "2026-11-23",
    "Mon, 23 Nov 2026 17:00:00 +0000",
    "Fri, 31 Dec 9999 23:59:59 -0100",
)
_QUERIES = (
    "",
    "?CaseID=7",
    "?CaseID=",
    "?CaseID=%00",
    "?CaseID=7&CaseID=8",
    "?Attempt=%00",
    "?Attempt=' OR 1=1",
    "?CaseID=-1",
    "?CaseID=99999999999999999999",
    "?CaseID=%F0%9F%92%80",
    "?CaseID=%ff%fe",
    "?" + "a=1&" * 700,
    "?bodySHA256=00",
    "?CaseID=7#x",
    "??",
    "?%",
    "?=&=&=",
    "?Attempt=" + "x" * 3000,
    "?CaseID[]=7",
    "?attempt=1",
    "?CaseID=7%0d%0aX: 1",
)
_NAMES = (
    "CallSid",
    "CallStatus",
    "MessageSid",
    "MessageStatus",
    "SmsSid",
    "SmsStatus",
    "AccountSid",
    "From",
    "To",
    "Caller",
    "Called",
    "ForwardedFrom",
    "Direction",
    "ParentCallSid",
    "Timestamp",
    "SequenceNumber",
    "CallDuration",
    "Duration",
    "AnsweredBy",
    "Digits",
    "DialBridged",
    "DialCallStatus",
    "DialCallDuration",
    "SipResponseCode",
    "ErrorCode",
    "Body",
    "NumMedia",
    "OptOutType",
    "Author",
    "",
    "\0",
    "CallSid\0",
    "CallSid ",
    "callsid",
    "\u202eCallSid",
)
_HEADERS = (
    "SCRIPT_NAME: /x",
    "PATH_INFO: /healthz",
    "Script-Name: /x",
    "X_Twilio_Signature: x",
    "X-Forwarded-Host: evil.example.com",
    "X-Forwarded-Proto: gopher",
    'Forwarded: for="[::1"',
    "X-Request-ID: " + "a" * 500,
    "X-Request-ID: \x1b[2J",
    "I-Twilio-Idempotency-Token: \xe9",
    "I-Twilio-Idempotency-Token: " + "t" * 4000,
    "Authorization: Bearer metrics",
    "Authorization: Basic \xff\xfe",
    "Cookie: a=" + "b" * 3000,
    "Expect: 100-continue",
    "Content-Encoding: gzip",
    "Upgrade: websocket",
    "Connection: Upgrade, HTTP2-Settings",
    "X-HTTP-Method-Override: POST",
    "Accept-Language: " + "en," * 500,
    "Range: bytes=0-",
    "X-Twilio-Webhooks-Signature-Settings: alg=hmac-sha256",
    "Date: never",
    "Host: other",
    "A:",
)
# Heads that are no HTTP, or hardly: the server itself has to answer them.
_BROKEN = (
    "POST http:///twilio/voice/status HTTP/1.1",
    "POST http://[::1/twilio/voice/status HTTP/1.1",
    "POST * HTTP/1.1",
    "GET twilio/voice/status HTTP/1.1",
    "POST /twilio/voice/status HTTP/9.9",
    "POST /twilio/voice/status",
    "POST  /twilio/voice/status  HTTP/1.1",
    "\0\0\0\0 / HTTP/1.1",
    "GET //evil.example.com/%2f.. HTTP/1.1",
    "POST /twilio/voice/status\0 HTTP/1.1",
    "CONNECT 127.0.0.1:22 HTTP/1.1",
    "GET /twilio/%c0%ae%c0%ae/status HTTP/1.1",
    "POST ftp://x/twilio/voice/status HTTP/1.1",
    "POST /twilio/voice/../voice/status HTTP/1.1",
    "GET /%00 HTTP/1.1",
    "GET /" + "a" * 9000 + " HTTP/1.1",
    "PRI * HTTP/2.0",
    "\x16\x03\x01",
)
# Beginnings of bodies that aren't what the head announced, each closed by the sender.
_LENGTHS = (
    "Content-Length: -1",
    "Content-Length: 1e3",
    "Content-Length: 5, 6",
    "Content-Length: +5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 99999999999999999999999",
    "Content-Length: 65537",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Transfer-Encoding: xchunked",
)


@dataclass(frozen=True)
class Odd:
    """One request, and whether Twilio could have signed it."""

    raw: bytes
    signed: bool


def unsigned(count: int, chance: random.Random) -> Iterator[Odd]:
    """Requests that nobody signed, or somebody else did."""
    for head in _BROKEN:
        yield Odd(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"), signed=False)
    for length in _LENGTHS:
        for signed in ("", "X-Twilio-Signature: x\r\n"):
            head = f"POST {ROUTES[0]} HTTP/1.1\r\nHost: x\r\n{signed}Connection: close\r\n{length}"
            yield Odd(f"{head}\r\n\r\nZZZ\r\nCallSid=CA\r\n0\r\n\r\n".encode(), signed=False)
    for _ in range(count):
        target = chance.choice((*ROUTES, *ROUTES, *OTHERS)) + chance.choice(_QUERIES)
        header = chance.choice(_forgeries(chance, target))
        yield Odd(_raw(chance, target, _body(_fields(chance)), header), signed=False)


def signed(count: int, chance: random.Random, url: str, token: str) -> Iterator[Odd]:
    """Requests with Twilio's signature and contents that Twilio never sends."""
    for _ in range(count):
        route = chance.choice(ROUTES)
        target = route + _as_sent(chance.choice(_QUERIES))
        fields = _fields(chance)
        header = signature(token, url + target, fields)
        body = _body(fields)
        lines = [
            f"POST {target} HTTP/1.1",
            "Host: x",
            f"Content-Type: {_FORM}",
            f"X-Twilio-Signature: {header}",
            f"Content-Length: {len(body)}",
            *(chance.sample(_HEADERS[:14], chance.randrange(3))),
        ]
        yield Odd("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body, signed=True)


def _fields(chance: random.Random) -> dict[str, str]:
    """A real callback's fields, some of them replaced, dropped or added."""
    sid = f"{chance.getrandbits(128):032x}"
    fields = chance.choice(
        (
            call_fields(f"CA{sid}", "completed", 3, Timestamp=just_now()),
            text_fields(f"SM{sid}", "delivered"),
        )
    )
    for _ in range(chance.randrange(4)):
        fields[chance.choice(_NAMES)] = chance.choice(_ODD)
    for name in chance.sample(sorted(fields), chance.randrange(3)):
        del fields[name]
    return fields


def _body(fields: dict[str, str]) -> bytes:
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in fields.items()).encode()


def _forgeries(chance: random.Random, target: str) -> tuple[str | None, ...]:
    noise = base64.b64encode(chance.randbytes(20)).decode()
    other = signature("another token", f"https://firm.example.com{target}", {})
    return None, "", noise, other, "\xff" * 28, "=" * 5000, "0", f"{noise},{noise}"


def _raw(chance: random.Random, target: str, body: bytes, header: str | None) -> bytes:
    method = chance.choice(_METHODS)
    if chance.random() < 0.1:
        body = chance.randbytes(chance.randrange(2000))
    lines = [
        f"{method} {_as_sent(target)} HTTP/1.1",
        "Host: x",
        f"Content-Type: {chance.choice(_TYPES)}",
        f"Content-Length: {len(body)}",
        *(chance.sample(_HEADERS, chance.randrange(4))),
        *([] if header is None else [f"X-Twilio-Signature: {header}"]),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _as_sent(target: str) -> str:
    """Without what ends a request's target: blanks, ends of lines, a fragment."""
    return quote_from_bytes(target.encode(), safe="/?=&%[]':")
