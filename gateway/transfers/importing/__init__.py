"""Files that come in: read, mapped, previewed, and written a page at a time."""
