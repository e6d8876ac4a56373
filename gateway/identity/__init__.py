"""Who is the same person: records read, compared, weighed, and put before a steward where nobody can be sure."""
