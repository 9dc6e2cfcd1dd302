"""One line of migrations, and the schema that they make is the one that the code knows."""

import hashlib
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bridge.errors import NewerSchema
from bridge.store import migrations
from bridge.store.db import Database
from bridge.store.migrate import configuration, migrate
from bridge.store.tables import SCHEMA, metadata

VERSIONS = Path(migrations.__file__).parent / "versions"


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def test_migrations_are_one_line() -> None:
    revisions = list(_script().walk_revisions())
    assert revisions
    assert len(_script().get_heads()) == 1
    assert len(_script().get_bases()) == 1
    for revision in revisions:
        assert not revision.is_merge_point, revision.revision
        assert not revision.is_branch_point, revision.revision
        assert revision.doc, "a migration says what it does"


def test_the_newest_is_the_schema_that_the_code_expects() -> None:
    assert _script().get_current_head() == SCHEMA


def test_the_migrated_schema_is_that_of_the_tables(db: Database) -> None:
    with db.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    assert db.schema() == SCHEMA
    assert db.lacks() is None


def test_migrating_again_changes_nothing(db: Database) -> None:
    assert migrate(db) == (SCHEMA, SCHEMA)


LANDED = {
    "0001_first.py": "bedb464086cd40bf99ac66098996bb02c97b53642c15421a1d5088c8fae01233",
    "0002_second_road.py": "3b3e23606fd5b68d98fe4db2c3fb439ae7f63d2a848f66b9d1ab02fceb0d492c",
    "0003_outside.py": "85f8360898cfb1575409f1dd37e9e02c5e30038b579496d16c11fe984d31d58e",
    "0004_words.py": "9951a9571b6d3afac481b36ff78fa84af12bb22960e414f3b59789dee9825e3d",
    "0005_console.py": "0add5b0eb9a028d748c66b55e4615f6bf8b6cd73ce6983ff43f76598a1393eaa",
    "0006_lawful.py": "1fd89f9b9f32f722a9799ac21b44e3a59feab67217403fa5c2f22917396222f8",
}
"""Each revision's SHA-256. Databases out there have applied them: what they did can't be undone
by editing them."""


def test_what_has_landed_is_never_edited() -> None:
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VERSIONS.glob("[0-9]*.py")
    }
    edited = [name for name in LANDED if there.get(name) != LANDED[name]]
    assert not edited, (
        f"{edited}: databases have applied this already, and won't again. Put it back as it was "
        "and write the next revision instead."
    )
    added = {name: there[name] for name in there.keys() - LANDED.keys()}
    assert not added, f"a revision has landed: add to LANDED, for good, {added}"


def test_revisions_count_up() -> None:
    """`store.db.beyond` tells by their order whether a database is newer than the code."""
    found = [revision.revision for revision in _script().walk_revisions()]
    assert sorted(found, reverse=True) == found
    assert all(re.fullmatch(r"\d{4}", revision) for revision in found)


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("9999", f"the database's schema 9999 is newer than this code, which knows {SCHEMA}"),
        ("27c6a30d7c24", "the database's schema '27c6a30d7c24' isn't one of the bridge's"),
    ],
)
def test_what_this_code_cannot_migrate_it_refuses_in_one_line(
    db: Database, schema: str, says: str
) -> None:
    with db.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": schema})
    lack = db.lacks()
    assert lack is not None
    assert lack.startswith(says)
    assert "run `bridge migrate`" not in lack
    with pytest.raises(NewerSchema) as refused:
        migrate(db)
    assert str(refused.value) == lack
