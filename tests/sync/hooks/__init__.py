"""What partners send to our door."""
