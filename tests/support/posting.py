"""Signed callbacks into the app, without a network."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.app import create_app
from bridge.runtime import Runtime
from tests.support.signing import signature

CALL = "/twilio/voice/status"
TEXT = "/twilio/messages/status"


class Twilio:
    """Posts to a runtime's app as Twilio does."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.client: FlaskClient = create_app(runtime).test_client()

    def post(
        self, target: str, fields: Mapping[str, str], *, token: str | None = None
    ) -> TestResponse:
        url = f"{self.runtime.settings.public_url}{target}"
        key = token or self.runtime.settings.auth_token or ""
        return self.raw(target, urlencode(fields).encode(), signature(key, url, fields))

    def raw(self, target: str, body: bytes, signed: str | None) -> TestResponse:
        return self.client.post(
            target.split("?", maxsplit=1)[0],
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signed} if signed is not None else {},
            environ_overrides={"RAW_URI": target},
        )
