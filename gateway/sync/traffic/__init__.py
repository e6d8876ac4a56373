"""What passes between a link and its partner: how much, how fast, when not at all, and what became of it."""
