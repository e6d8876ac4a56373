"""Telling third-party systems of changes by signed webhooks."""
