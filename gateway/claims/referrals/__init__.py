"""Customers that the house offers to a partner, which accepts or declines them by a deadline."""
