"""A PostgreSQL server of the tests' own: made in a temporary directory, stopped at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bridge.store.tables import SCHEMA
from tests.support.ports import free_port

_SERVER_SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=100")
# Only the machine's own end could lose what isn't synced; and the log, in memory, stays small.
_UNSYNCED = ("fsync=off", "full_page_writes=off", "max_wal_size=96MB")
_WATCH_SECONDS = 0.02
# A table that was never written to since it was last emptied has no page.
_WRITTEN_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND relname != 'alembic_version' AND pg_relation_size(oid) > 0"
)


def find_programs() -> Path | None:
    """The directory with initdb and pg_ctl, the newest version's if there are several."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    for home in reversed(homes):
        if (home / "initdb").exists():
            return home
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def running(programs: Path) -> Iterator["Postgres"]:
    """A server in a directory of its own; pytest's may be tidied up, or locked, by another run."""
    with tempfile.TemporaryDirectory(prefix="bridge-tests-") as home:
        server = Postgres(programs, Path(home))
        try:
            yield server
        finally:
            server.stop()


class Postgres:
    """A server on a port of its own. PostgreSQL refuses to run as root: then `postgres` runs it."""

    def __init__(self, programs: Path, home: Path, *, is_synced: bool = False) -> None:
        self._programs = programs
        self._home = home
        self._data = home / "data"
        self._settings = (*_SERVER_SETTINGS, *(() if is_synced else _UNSYNCED))
        self.port = free_port()
        self._address = f"postgresql://bridge@127.0.0.1:{self.port}"
        self._emptied: list[str] = []
        self._kept: psycopg.Connection | None = None
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(home, account.pw_uid, account.pw_gid)
        owned = ["-A", "trust", "-U", "bridge"]
        self._run("initdb", "--no-sync", "-D", str(self._data), *owned, "-E", "UTF8")
        self.start()

    def start(self) -> None:
        options = " ".join(f"-c {one}" for one in self._settings)
        self._run(
            "pg_ctl",
            "-D",
            str(self._data),
            "-w",
            "-l",
            str(self._home / "log"),
            "-o",
            f"-p {self.port} -k {self._home} {options}",
            "start",
        )

    def stop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://bridge@127.0.0.1:{self.port}/{name}"

    def new_database(self, template: str = "template1") -> str:
        """Create a database, a copy of `template`; return its name."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def new_tenant(self, most_connections: int) -> str:
        """An empty database whose owner may hold so many connections, as hosts grant it; its URL.

        It has its owner's name.
        """
        name = f"t{uuid.uuid4().hex[:12]}"
        self._admin(f'CREATE ROLE "{name}" LOGIN CONNECTION LIMIT {most_connections}')
        self._admin(f'CREATE DATABASE "{name}" OWNER "{name}"')
        return f"postgres://{name}@127.0.0.1:{self.port}/{name}"

    def drop_tenant(self, name: str) -> None:
        self.drop_database(name)
        self._admin(f'DROP ROLE "{name}"')

    def most_held(self, role: str, over: threading.Event) -> int:
        """The most connections that a role was seen to hold until it was over."""
        counted = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
        most = 0
        with psycopg.connect(self._everywhere, autocommit=True) as connection:
            while not over.wait(_WATCH_SECONDS):
                found = connection.execute(counted, [role]).fetchone()
                most = max(most, int(found[0]) if found else 0)
        return most

    def has_refused(self, role: str) -> bool:
        """Whether a connection more than the role may hold was asked for."""
        said = (self._home / "log").read_text()
        return f'too many connections for role "{role}"' in said

    def emptied_or_new(self, template: str) -> str:
        """An empty database with the tables of `template`: creating one costs ten times as much."""
        return self._emptied.pop() if self._emptied else self.new_database(template)

    def take_back(self, name: str) -> None:
        """Empty a database for another test, under a name that nobody of this one knows."""
        again = f"t{uuid.uuid4().hex[:12]}"
        leave = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        try:
            self._admin(leave, f'ALTER DATABASE "{name}" RENAME TO "{again}"')
        except psycopg.errors.ObjectInUse:
            self.drop_database(name)
            return
        with psycopg.connect(f"{self._address}/{again}", autocommit=True) as connection:
            written = ", ".join(row[0] for row in connection.execute(_WRITTEN_TABLES))
            if written:
                connection.execute(f"TRUNCATE {written} RESTART IDENTITY".encode())
            # A test may have pretended that it was another one.
            connection.execute(
                "UPDATE alembic_version SET version_num = %(it)s WHERE version_num != %(it)s",
                {"it": SCHEMA},
            )
        self._emptied.append(again)

    def drop_database(self, name: str) -> None:
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _admin(self, *statements: str) -> None:
        if self._kept is None:
            self._kept = psycopg.connect(self._everywhere, autocommit=True)
        for statement in statements:
            self._kept.execute(statement.encode())

    @property
    def _everywhere(self) -> str:
        return f"{self._address}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            account = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            command = [*account, *command]
        # Into a file: the server inherits the output, and a pipe would never close.
        said = self._home / "said"
        with said.open("w") as output:
            done = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, check=False, cwd="/"
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {said.read_text()}")
