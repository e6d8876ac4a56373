"""The authorization server and the guard of every door."""
