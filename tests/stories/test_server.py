"""The web server's processes: none is left behind, and none shares a port with a stranger."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Bridge, from_nothing, wait_until


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(
        tmp_path, f"sqlite:///{tmp_path / 'bridge.db'}", "http://127.0.0.1:9", from_nothing
    )
    yield made
    made.close()


def test_a_server_that_is_killed_leaves_its_port_free(bridge: Bridge) -> None:
    web = bridge.start_web()
    os.kill(web.pid, signal.SIGKILL)
    wait_until(lambda: not _listens(bridge.port), "its processes hold the port")
    bridge.start_web()


def test_a_taken_port_is_said_in_one_line(bridge: Bridge) -> None:
    bridge.start_web()
    done = bridge.run("web")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line == (
        f"Error: can't listen on 0.0.0.0:{bridge.port}: Address already in use; set another PORT"
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
