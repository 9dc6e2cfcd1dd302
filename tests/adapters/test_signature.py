"""The gate: the recorded cases of seven SDKs, and what the SDK itself leaves open."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.signature import FORM, SignatureCheck, SignatureProblem, SignedRequest

RECORDED = json.loads((Path(__file__).parents[1] / "payloads/signature_vectors.json").read_text())
VECTORS: list[dict[str, Any]] = RECORDED["vectors"]
NEGATIVES: list[dict[str, Any]] = RECORDED["negative"]
BY_ID = {vector["id"]: vector for vector in VECTORS}
URL = "https://firm.example.com/twilio/voice/status?CaseID=7"
FIELDS = {"CallSid": "CA1", "ToCity": "", "FromCity": "São Paulo"}


def _signed(
    vector: dict[str, Any], url: str | None = None, body: str | None = None
) -> SignedRequest:
    raw = body if body is not None else vector["raw_body"]
    return SignedRequest(
        url=url or vector["url_seen_by_app"],
        fields=MultiDict(map(tuple, vector["form"])),
        body=(raw or "form").encode(),
        content_type="application/json" if raw else FORM,
    )


def _sign(key: str, algorithm: str = "sha1") -> str:
    text = URL + "".join(f"{name}{FIELDS[name]}" for name in sorted(FIELDS))
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), algorithm)).decode()


def _request(fields: dict[str, str] | None = None) -> SignedRequest:
    return SignedRequest(URL, MultiDict(FIELDS if fields is None else fields), b"x", FORM)


def test_all_cases_are_here() -> None:
    assert len(VECTORS) + len(NEGATIVES) == 31


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_recorded(vector: dict[str, Any]) -> None:
    gate = SignatureCheck((vector["token"],))
    headers = {"X-Twilio-Signature": vector["expected_signature"]}
    refusal = gate.refusal(_signed(vector), headers)
    # One vector was made by an SDK that spells the URL anew; Twilio's own Python SDK refuses it.
    expected = None if vector["twilio_python_9_13_0_validate"] else SignatureProblem.WRONG
    assert refusal is expected


@pytest.mark.parametrize("negative", NEGATIVES, ids=lambda negative: negative["id"])
def test_recorded_refusals(negative: dict[str, Any]) -> None:
    vector = BY_ID[negative["based_on"]]
    signature = negative["signature"]
    headers = {"X-Twilio-Signature": signature} if signature else {}
    signed = _signed(vector, negative.get("url"), negative.get("raw_body"))
    assert SignatureCheck((vector["token"],)).refusal(signed, headers) is not None


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["raw_body"]], ids=lambda v: v["id"]
)
def test_a_changed_body_is_refused(vector: dict[str, Any]) -> None:
    headers = {"X-Twilio-Signature": vector["expected_signature"]}
    signed = _signed(vector, body='{"property": "forged"}')
    assert (
        SignatureCheck((vector["token"],)).refusal(signed, headers) is SignatureProblem.BODY_CHANGED
    )


def test_either_token_is_good_and_no_other() -> None:
    gate = SignatureCheck(("new", "old"))
    for token, expected in (("new", None), ("old", None), ("other", SignatureProblem.WRONG)):
        assert gate.refusal(_request(), {"X-Twilio-Signature": _sign(token)}) is expected


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("", SignatureProblem.MISSING),
        ("ü", SignatureProblem.WRONG),
        ("A" * 5000, SignatureProblem.WRONG),
    ],
)
def test_no_signature_that_is_none(signature: str, expected: SignatureProblem) -> None:
    assert SignatureCheck(("t",)).refusal(_request(), {"X-Twilio-Signature": signature}) is expected


def test_every_field_counts_also_empty_ones() -> None:
    headers = {"X-Twilio-Signature": _sign("t")}
    assert SignatureCheck(("t",)).refusal(_request(), headers) is None
    for changed in (
        FIELDS | {"CallSid": "CA2"},
        {name: value for name, value in FIELDS.items() if name != "ToCity"},
        FIELDS | {"Added": ""},
    ):
        assert SignatureCheck(("t",)).refusal(_request(changed), headers) is SignatureProblem.WRONG


@pytest.mark.parametrize("url", ["https://h:99999/x", "https://[::1/x", "https://h:x/y"])
def test_odd_urls_are_refused_and_don_t_crash(url: str) -> None:
    signed = SignedRequest(url, MultiDict(FIELDS), b"x", FORM)
    assert (
        SignatureCheck(("t",)).refusal(signed, {"X-Twilio-Signature": "x"})
        is SignatureProblem.WRONG
    )


@pytest.mark.parametrize(
    ("announced", "algorithm"),
    [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "sha256"),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", "sha1"),
        ("key=webhooks_sharedkey_1", "sha1"),
    ],
)
def test_shared_keys(announced: str, algorithm: str) -> None:
    settings = {"X-Twilio-Webhooks-Signature-Settings": announced}
    good = settings | {"X-Twilio-Signature": _sign("shared", algorithm)}
    by_token = settings | {"X-Twilio-Signature": _sign("token", algorithm)}
    gate = SignatureCheck(("token",), "shared")
    assert gate.refusal(_request(), good) is None
    assert gate.refusal(_request(), by_token) is SignatureProblem.WRONG
    assert (
        SignatureCheck(("token",)).refusal(_request(), by_token)
        is SignatureProblem.SHARED_KEY_UNSET
    )


def test_an_unknown_algorithm_is_refused() -> None:
    headers = {
        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_MD5",
        "X-Twilio-Signature": base64.b64encode(hashlib.md5(b"x").digest()).decode(),
    }
    assert (
        SignatureCheck(("token",), "shared").refusal(_request(), headers) is SignatureProblem.WRONG
    )


def test_secrets_are_not_shown() -> None:
    assert "token-x" not in repr(SignatureCheck(("token-x",), "shared-x"))
    assert "shared-x" not in repr(SignatureCheck(("token-x",), "shared-x"))
