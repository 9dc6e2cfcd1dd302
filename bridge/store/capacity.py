"""How many connections PostgreSQL allows: the server, the database or the role sets the limit."""

from sqlalchemy import Connection, text

_LIMIT = text("""
    SELECT
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0) AS server,
        nullif(datconnlimit, -1) AS database,
        nullif(rolconnlimit, -1) AS role,
        rolsuper
    FROM pg_database, pg_roles
    WHERE datname = current_database() AND rolname = session_user
""")


def most_connections(connection: Connection) -> int:
    """How many connections of this role's to this database there may be at a time.

    The documentation of `pg_roles`, `pg_database` and `max_connections` says that limits of roles
    and databases don't bind superusers. Hosts limit the role: Heroku's smallest plans to 20.
    """
    found = connection.execute(_LIMIT).one()
    if found.rolsuper:
        return int(found.server)
    limits = (found.server, found.database, found.role)
    return min(int(limit) for limit in limits if limit is not None)
