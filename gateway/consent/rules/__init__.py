"""When and how often customers may be contacted: what the house lays down, and what each of them wants."""
