"""What was counted; belongs to no tenant."""

from sqlalchemy import BigInteger, Float, Identity, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base


class Tally(Base):
    """What one transaction counted, or the sum of many such rows. Written by `db.tally` alone."""

    __tablename__ = "tally"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amounts: Mapped[list[float]] = mapped_column(ARRAY(Float))
