"""When each process was last seen; belongs to no tenant."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base


class Heartbeat(Base):
    """When each process was last seen."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
