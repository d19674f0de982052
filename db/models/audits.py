"""How far the auditor has come; belongs to no tenant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base
from db.types import WallTime


class Audit(Base):
    """How far a round over all segments has come, and when it was last gone on with. No key: the next one begins."""

    __tablename__ = "audit"
    name: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
    tenant_id: Mapped[UUID | None]
    series_id: Mapped[UUID | None]
    from_local: Mapped[datetime | None] = mapped_column(WallTime)
