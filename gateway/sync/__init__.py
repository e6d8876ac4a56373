"""Keeping records in step with partners' own systems, in background jobs."""
