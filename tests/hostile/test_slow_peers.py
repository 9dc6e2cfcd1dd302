"""Peers that send slowly, without end or nothing cost the others nothing."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.hostile.slow import BEGINNINGS, POST, SIGNED, Silent
from tests.support.processes import Bridge, Process
from tests.support.signing import call_fields, just_now

MANY = 300
_HOSTS_PATIENCE_SECONDS = 20  # Heroku kills after 30


@dataclass(frozen=True)
class Served:
    """A bridge with its web server."""

    bridge: Bridge
    web: Process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("slow")
    made = Bridge(home, f"sqlite:///{home / 'bridge.db'}", "http://127.0.0.1:9")
    yield Served(made, made.start_web())
    made.close()


def test_callbacks_are_taken_while_hundreds_of_each_kind_hang(served: Served) -> None:
    bridge = served.bridge
    with Silent() as sockets, requests.Session() as session:
        opened = {
            kind: sockets.begin(bridge.port, beginning, MANY)
            for kind, beginning in BEGINNINGS.items()
        }
        for number in range(50):
            fields = call_fields(f"CA{number:032x}", "completed", 3, Timestamp=just_now())
            assert bridge.post(session, "/twilio/voice/status", fields).status_code == 204
        # And nobody hangs for ever: the last of each kind is told, or just cut off.
        ends = {kind: hanging[-1] for kind, hanging in opened.items()}
        said = {kind: _until_closed(one) for kind, one in ends.items()}
    assert said["nothing"] == b""
    assert said["half a body"].startswith(b"HTTP/1.1 408 ")
    assert said["half a chunk"].startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 10 seconds" in said["half a body"]


@pytest.mark.parametrize("head", [POST, SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_without_end_is_refused_while_it_comes_in(
    served: Served, head: bytes, chunked: bool
) -> None:
    before = _most_memory(served.web.pid)
    taken = [0] * 4
    posting = [
        threading.Thread(target=_pour, args=[served.bridge.port, head, chunked, taken, place])
        for place in range(len(taken))
    ]
    for one in posting:
        one.start()
    for one in posting:
        one.join()
    assert max(taken) < 40_000_000, "bytes, those in the sockets' buffers included"
    assert _most_memory(served.web.pid) - before < 40_000, "KiB, over all processes"


def test_the_server_ends_in_time_though_some_hang(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, f"sqlite:///{tmp_path / 'bridge.db'}", "http://127.0.0.1:9")
    fields = call_fields("CA" + "7" * 32, "completed", 3, Timestamp=just_now())
    try:
        web = bridge.start_web()
        with Silent() as sockets, requests.Session() as session:
            sockets.begin(bridge.port, BEGINNINGS["half a body"], 20)
            assert bridge.post(session, "/twilio/voice/status", fields).status_code == 204
            code, seconds = web.stop()
    finally:
        bridge.close()
    assert code == 0
    assert seconds < _HOSTS_PATIENCE_SECONDS


def _until_closed(one: socket.socket) -> bytes:
    one.settimeout(60)
    said = b""
    try:
        while piece := one.recv(4096):
            said += piece
    except ConnectionResetError:
        pass
    return said


def _pour(port: int, head: bytes, chunked: bool, taken: list[int], place: int) -> None:
    block = b"x" * 65_536
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        block = b"10000\r\n" + block + b"\r\n"
    else:
        head += b"Content-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 30) as pouring:
        pouring.sendall(head)
        try:
            while taken[place] < 200_000_000:
                pouring.sendall(block)
                taken[place] += len(block)
        except OSError:
            return


def _most_memory(group: int) -> int:
    """KiB of memory that a web server's processes have had at most, each at its own time."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            of_group = int((process / "stat").read_text().rpartition(") ")[2].split()[2])
            status = (process / "status").read_text()
        except (OSError, ProcessLookupError):
            continue
        if of_group == group:
            total += sum(
                int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")
            )
    return total
