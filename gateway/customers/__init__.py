"""Customers: one record each, shared with the right partners."""
