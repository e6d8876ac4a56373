"""Two customers that are one: merged field by field with everything that belongs to them, and taken apart again."""
