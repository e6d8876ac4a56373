"""Politeness towards partners."""
