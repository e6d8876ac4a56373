"""Endpoints: who wants to be told where, of what, and signed how."""
