"""Who is calling: one question, and all that is needed to greet them."""
