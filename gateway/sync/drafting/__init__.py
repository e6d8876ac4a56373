"""Drafting beside: pages are prepared in a process of their own while this one speaks to the partner and PostgreSQL."""
