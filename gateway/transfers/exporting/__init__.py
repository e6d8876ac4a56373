"""Files that go out: what a caller may see, a page at a time."""
