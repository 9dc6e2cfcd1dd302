"""Brings the schema up to date. Kept apart from `db`, so that the web app never loads Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from bridge.store.db import Database


def configuration() -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(db: Database) -> tuple[str | None, str | None]:
    """Apply what is missing, in one transaction; return the versions before and after.

    Raises:
        OperationalError: the database can't be reached.
    """
    before = db.schema()
    config = configuration()
    with db.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, db.schema()
