"""Contacts at a desk: a call, a visit, a chat, logged at once with all that follows from it."""
