"""Settings written into a `.env` file: added or replaced, everything else stays as it is."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bridge.errors import SettingError

_PLAIN = re.compile(r"[\w./:+-]+", re.ASCII)
_FOR_DOUBLE_QUOTES = re.compile(r"[^\"\\$`!\n\r]*")
_FOR_SINGLE_QUOTES = re.compile(r"[^'\\\n\r]*")
_ONLY_OWNER = 0o600


def line(name: str, value: str) -> str:
    """`NAME=value`, quoted as a shell and `.env` files need it.

    Raises:
        SettingError: such a value would be read back as another one.
    """
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    if _FOR_DOUBLE_QUOTES.fullmatch(value):
        return f'{name}="{value}"'
    if _FOR_SINGLE_QUOTES.fullmatch(value) and "${" not in value:
        return f"{name}='{value}'"
    raise SettingError(f"{name} can't be written into a file. Set it in the environment: {value}")


def write(path: Path, values: Mapping[str, str]) -> None:
    """Set these in the file, in one step; it keeps its permissions and its owner.

    Raises:
        OSError: it can't be read or written.
        SettingError: see `line`.
    """
    path = path.resolve()
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    _replace(path, _changed(there, {name: line(name, values[name]) for name in values}))


def set_elsewhere(path: Path, environ: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Those of these settings that the environment sets otherwise, which overrides the file."""
    here = dotenv_values(path) if path.exists() else {}
    return [name for name in names if environ.get(name) and environ[name] != here.get(name)]


def _changed(text: str, lines: Mapping[str, str]) -> str:
    left = dict(lines)
    kept = []
    for binding in parse_stream(StringIO(text)):
        written = binding.original.string
        if binding.key not in lines:
            kept.append(written)
        elif binding.key in left:
            before = written[: len(written) - len(written.lstrip())]
            kept.append(f"{before}{_export(written)}{left.pop(binding.key)}\n")
    made = "".join(kept)
    if left and made and not made.endswith("\n"):
        made += "\n"
    return made + "".join(f"{new}\n" for new in left.values())


def _export(written: str) -> str:
    return "export " if re.match(r"\s*export\s", written) else ""


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".env-")
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            there = path.stat()
            with suppress(PermissionError):
                os.chown(made, there.st_uid, there.st_gid)
            made.chmod(there.st_mode & 0o7777)
        else:
            made.chmod(_ONLY_OWNER)
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
