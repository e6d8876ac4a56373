"""Who looked at customers, when and for what purpose; the person can see it."""
