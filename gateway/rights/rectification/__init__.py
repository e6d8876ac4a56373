"""Rectification: the customer says what is wrong, staff decides field by field, partners learn what changed."""
