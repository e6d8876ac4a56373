"""What customers have said, word for word, and what follows from it."""
