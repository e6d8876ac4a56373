"""All that is kept of a person, put together for the person: to read, and for a machine."""
