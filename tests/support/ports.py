"""Ports that stay free between being chosen and being listened on."""

import itertools
import os
import re
import socket

# Below what the system hands out to outgoing connections (32768 and up on Linux, 49152 and up
# elsewhere): such a connection could take the port before its server listens.
_FIRST = 10_000
_PER_LANE = 1_400
_LANES = 16
_lane = int((re.findall(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", "")) or ["0"])[0]) % _LANES
_candidates = itertools.cycle(
    (os.getpid() + step) % _PER_LANE + _FIRST + _lane * _PER_LANE for step in range(_PER_LANE)
)


def free_port() -> int:
    """A port that nothing listens on; no other lane of the same run gets it, nor this one soon.

    Raises:
        RuntimeError: all ports of this lane are taken.
    """
    for port in itertools.islice(_candidates, _PER_LANE):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no port of {_PER_LANE} is free")
