"""The console's door on real processes: guesses are slowed over all, sessions hold over all."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from werkzeug.security import generate_password_hash

from tests.support.console import PASSWORD
from tests.support.processes import Bridge, wait_until

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_MOST_MEGABYTES = 512
"""What the smallest dyno has, for all processes together."""


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(tmp_path, f"sqlite:///{tmp_path / 'bridge.db'}", "http://127.0.0.1:9")
    made.environment |= {
        # As `bridge secret` makes it.
        "CONSOLE_PASSWORD": generate_password_hash(PASSWORD, method="scrypt:32768:8:1"),
        "SECRET_KEY": "secret-of-the-tests-in-32-characters",
    }
    yield made
    made.close()


def _try(bridge: Bridge, password: str, address: str) -> tuple[requests.Session, int]:
    # A new connection each, so that both processes take part.
    session = requests.Session()
    page = session.get(f"{bridge.url}/console/sign-in", timeout=60)
    token = _TOKEN.search(page.text)
    assert token is not None, page.text
    answer = session.post(
        f"{bridge.url}/console/sign-in",
        data={"csrf_token": token[1], "name": "Ann", "password": password},
        headers={"X-Forwarded-For": address},
        timeout=60,
        allow_redirects=False,
    )
    return session, answer.status_code


def _peak_megabytes(bridge: Bridge) -> float:
    """The most memory that the web app's processes ever had, added up."""
    pids = {
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/environ")
        if _environment_of(path).find(f"PORT={bridge.port}\0".encode()) >= 0
    }
    found = (re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids)
    return sum(int(one[1]) for one in found if one) / 1024


def _environment_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_twenty_wrong_passwords_from_two_addresses_over_two_processes(bridge: Bridge) -> None:
    bridge.start_web()
    addresses = ["8.8.8.8", "8.8.4.4"]
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(_try, bridge, f"wrong {n}", addresses[n % 2]) for n in range(20)]
        answered = requests.get(f"{bridge.url}/readyz", timeout=10)
        codes = Counter(one.result()[1] for one in tries)
    assert answered.status_code == requests.codes.ok, "others are served meanwhile"
    # Whoever found no place was told to come back, and doesn't count.
    assert codes[401] <= 10
    assert set(codes) <= {401, 429}
    assert _peak_megabytes(bridge) < _MOST_MEGABYTES
    # One after the other, so that each finds a place: each address has had enough.
    for address in addresses:
        late = Counter(_try(bridge, "wrong", address)[1] for _ in range(7))
        assert late[429] >= 2, late
    assert sum(_try(bridge, PASSWORD, address)[1] == 429 for address in addresses) == 2


def test_a_session_holds_over_all_processes_and_ends_over_all(bridge: Bridge) -> None:
    bridge.start("bridge", "run")
    bridge.wait_ready()
    shown = f"open {bridge.url}/console/"
    wait_until(lambda: shown in bridge.said(), "where to open it isn't said")
    session, code = _try(bridge, PASSWORD, "8.8.8.8")
    assert code == requests.codes.see_other

    def looks() -> Counter[int]:
        """Each over a connection of its own."""
        return Counter(
            requests.get(
                f"{bridge.url}/console/plan",
                cookies=session.cookies.get_dict(),
                timeout=60,
                allow_redirects=False,
            ).status_code
            for _ in range(12)
        )

    assert looks() == {200: 12}
    token = _TOKEN.search(session.get(f"{bridge.url}/console/", timeout=60).text)
    assert token is not None
    elsewhere = requests.Session()
    elsewhere.cookies.update(session.cookies.get_dict())
    elsewhere.post(f"{bridge.url}/console/sign-out", data={"csrf_token": token[1]}, timeout=60)
    assert looks() == {302: 12}
