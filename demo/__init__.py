"""The demo: a small Turkish car distributor's world, with its dealers, their systems and their customers."""
