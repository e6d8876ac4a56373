"""Messages: what was sent to an endpoint, how it went, and sending it again."""
