"""Somebody at the console, as far as requests go: signs in, reads pages, sends their forms."""

import re
from html import unescape
from typing import Any

import requests
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.templates import compile_once

PASSWORD = "password-of-the-tests"
VIEW_PASSWORD = "view-password-of-the-tests"
SECRET_KEY = "secret-of-the-tests-in-32-characters-or-more"

SIGN_IN = "/console/sign-in"

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class SignedIn:
    """A client that has signed in through the form."""

    def __init__(self, app: Flask, name: str, password: str) -> None:
        compile_once(app)
        self.client = app.test_client()
        self._token = token_of(self.client.get("/console/sign-in"))
        answer = self.post("/console/sign-in", name=name, password=password)
        assert answer.status_code == 303, answer.text
        self._token = token_of(self.get("/console/opt-outs"))

    def get(self, path: str, **query: Any) -> TestResponse:
        """A page."""
        return self.client.get(path, query_string=query)

    def live(self, path: str) -> TestResponse:
        """The parts of a page that move by themselves."""
        return self.client.get(path, headers={"X-Live": "1"})

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form with its token."""
        return self.client.post(path, data={"csrf_token": self._token, **fields})

    def post_forged(self, path: str, **fields: Any) -> TestResponse:
        """Send a form without its token, as another site's page would."""
        return self.client.post(path, data=fields)


class AtTheOffice:
    """Somebody at the console of a bridge that runs as processes of its own, over HTTP."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        page = self._session.get(url + SIGN_IN, timeout=60)
        self._token = _token_in(page.text)
        self.post(SIGN_IN, name="Ann", password=password)
        self._token = _token_in(self._session.get(f"{url}/console/opt-outs", timeout=60).text)

    def post(self, path: str, **fields: str) -> None:
        """Send a form with its token.

        Raises:
            AssertionError: it was not taken.
        """
        form = {"csrf_token": self._token, **fields}
        answer = self._session.post(self._url + path, data=form, timeout=60, allow_redirects=False)
        assert answer.status_code == requests.codes.see_other, answer.text


def sign_in(app: Flask, password: str, address: str = "8.8.8.8", **fields: str) -> TestResponse:
    """A try to sign in, from a browser of its own at this address, behind a router."""
    client = app.test_client()
    token = token_of(client.get(SIGN_IN))
    form = {"csrf_token": token, "name": "Ann", "password": password, **fields}
    return client.post(SIGN_IN, data=form, headers={"X-Forwarded-For": f"6.6.6.6, {address}"})


def token_of(answer: TestResponse) -> str:
    """The token of the first form of a page."""
    return _token_in(answer.text)


def _token_in(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, page
    return found[1]


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    body = answer.text.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def to_do_count(answer: TestResponse) -> str:
    """What the menu counts beside To do; empty if nothing."""
    found = re.search(r'id="to-do-count"[^>]*>(.*?)</span></a>', answer.text)
    assert found is not None, answer.text
    return re.sub(r"<[^>]+>", "", found[1])
