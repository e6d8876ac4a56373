"""What could not be taken over: shown, replayed, discarded, and counted before it is too much."""
