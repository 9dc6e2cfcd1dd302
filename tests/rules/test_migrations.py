"""One line of migrations, and the schema that they make is the one that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.store.db import Database
from bridge.store.migrate import configuration, migrate
from bridge.store.tables import SCHEMA, metadata


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
