"""Restriction: data that is kept and not used, until it is lifted, which the person is told before."""
