"""A case: what a customer asked of us, how far it has come, and when it must be answered."""
