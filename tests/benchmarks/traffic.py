"""Presigned callbacks: as many as fit by wrk, or a steady stream at a given pace."""

import json
import random
import re
import statistics
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests

from tests.benchmarks.standin import number_of
from tests.support.processes import AUTH_TOKEN
from tests.support.signing import call_fields, just_now, signature

CASES = 500
_SCRIPT = Path(__file__).with_name("post.lua").read_text(encoding="utf-8")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Accepted:
    """What a server took: callbacks a second, and the time to the acknowledgement in ms."""

    per_second: float
    p50: float
    p99: float
    refused: int


def new_sid(chance: random.Random) -> str:
    return f"CA{chance.getrandbits(128):032x}"


def presigned(url: str, count: int, chance: random.Random) -> list[tuple[str, str, str]]:
    """Target, body and signature of callbacks that no server has seen."""
    made, now = [], just_now()
    for number in range(count):
        case = 1 + number % CASES
        target = f"/twilio/voice/status?CaseID={case}"
        fields = call_fields(
            new_sid(chance),
            "completed",
            3,
            CallDuration="42",
            AnsweredBy="human",
            To=f"+1{number_of(case)}",
            Timestamp=now,
        )
        made.append((target, urlencode(fields), signature(AUTH_TOKEN, url + target, fields)))
    return made


def flood(url: str, seconds: int, home: Path, chance: random.Random) -> Accepted:
    """As fast as the server takes them, over 16 connections."""
    rows = ",\n".join(
        "{" + ",".join(map(json.dumps, row)) + "}" for row in presigned(url, 4000 * seconds, chance)
    )
    script = home / "flood.lua"
    script.write_text(f"requests = {{\n{rows}\n}}\n{_SCRIPT}", encoding="utf-8")
    said = subprocess.run(
        ["wrk", "-t2", "-c16", f"-d{seconds}s", "--latency", "-s", str(script), url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    script.unlink()
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Accepted(
        per_second=_number(r"Requests/sec:\s+([\d.]+)", said),
        p50=_milliseconds("50%", said),
        p99=_milliseconds("99%", said),
        refused=int(refused[1]) if refused else 0,
    )


def steady(url: str, per_second: int, seconds: int, chance: random.Random) -> Accepted:
    """At a steady pace, each timed from the moment at which it was due."""
    rows = presigned(url, per_second * seconds, chance)
    took: list[float] = []
    refused = 0
    local = threading.local()
    begun = time.perf_counter() + 0.2

    def post(number: int) -> None:
        nonlocal refused
        if not hasattr(local, "session"):
            local.session = requests.Session()
        target, body, signed = rows[number]
        due = begun + number / per_second
        time.sleep(max(due - time.perf_counter(), 0))
        answer = local.session.post(
            url + target,
            data=body,
            headers={
                "X-Twilio-Signature": signed,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            timeout=15,
        )
        took.append((time.perf_counter() - due) * 1000)
        refused += answer.status_code != requests.codes.no_content

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(post, range(len(rows))))
    cuts = statistics.quantiles(took, n=100)
    return Accepted(len(rows) / seconds, cuts[49], cuts[98], refused)


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk said nothing like {pattern}: {text}")
    return float(found[1])


def _milliseconds(share: str, text: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)\b", text)
    if found is None:
        raise RuntimeError(f"wrk gave no {share}: {text}")
    return float(found[1]) * _UNITS[found[2]]
