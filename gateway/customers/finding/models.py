"""The words that customers' names are made of."""

from __future__ import annotations

from sqlalchemy import Computed, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base


class SearchWord(Base):
    """A folded word and about how many customers bear it; `backwards` finds words by how they end."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(Text, primary_key=True)
    backwards: Mapped[str] = mapped_column(Text, Computed("reverse(word)", persisted=True))
    customers: Mapped[int]
