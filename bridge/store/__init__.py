"""The only code that speaks SQL: PostgreSQL in production, SQLite when alone."""
