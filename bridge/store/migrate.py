"""Brings the schema up to date. Kept apart from `db`, so that the web app never loads Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from bridge.errors import NewerSchema
from bridge.store.db import Database, beyond


def configuration() -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(db: Database) -> tuple[str | None, str | None]:
    """Apply what is missing, in one transaction; return the versions before and after.

    Raises:
        NewerSchema: newer code than this one has migrated it, or it isn't the bridge's.
        OperationalError: the database can't be reached.
    """
    before = db.schema()
    if (refusal := beyond(before)) is not None:
        raise NewerSchema(refusal)
    config = configuration()
    with db.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, db.schema()
