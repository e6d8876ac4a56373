"""When links run by themselves."""
