"""A session for requests to SmartAdvocate's one address: what is the same each time is found once.

For each request, requests would read proxies and certificates from the environment and look for the
pool of connections to its host: a tenth of what the request takes.
"""

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from urllib3.connectionpool import ConnectionPool


class _ToOneAddress(HTTPAdapter):
    """Sends requests of one session, all to one address, and in the same way."""

    _pool: "ConnectionPool | None" = None

    def get_connection_with_tls_context(self, *request: Any, **how: Any) -> "ConnectionPool":
        """The pool that the first request was sent by. requests has this method overridden."""
        pool = self._pool
        if pool is None:
            pool = self._pool = super().get_connection_with_tls_context(*request, **how)
        return pool


def session_for(url: str) -> requests.Session:
    """A session for one thread, whose requests go to this address and follow no redirect."""
    session = requests.Session()
    settled = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = settled["proxies"], settled["verify"]
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, _ToOneAddress())
    return session
