"""What partners send to our door: verified, stored, and taken over by the link's next run."""
