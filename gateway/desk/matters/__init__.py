"""Matters: what a customer wants settled, with everything that was said of it and everybody who works on it."""
