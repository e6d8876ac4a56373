"""Delivery: what is due is claimed, sent, and tried again."""
