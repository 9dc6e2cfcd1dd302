"""What the bridge itself knows of a case's next call, its claims, and of the systems outside."""

import sqlalchemy as sa
from alembic import op

from bridge.store.tables import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("not_before", "closed_at", "wished_call", "listed_call"):
        op.add_column("cases", sa.Column(name, Instant(), nullable=True))
    op.add_column("cases", sa.Column("label", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("newest_call", sa.String(length=64), nullable=True))
    op.add_column("contacts", sa.Column("talked_at", Instant(), nullable=True))
    for name in ("claim_mark", "confirmed_at"):
        op.add_column("turns", sa.Column(name, Instant(), nullable=True))
    op.create_table(
        "notices",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "subject", name="pk_notices"),
    )
    op.create_table(
        "list_limits",
        sa.Column("campaign", sa.String(length=128), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("suspected", sa.Integer(), nullable=True),
        sa.Column("moved_case", sa.BigInteger(), nullable=True),
        sa.Column("whole", sa.Integer(), nullable=True),
        sa.Column("longest", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="pk_list_limits"),
    )
