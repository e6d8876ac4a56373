"""Work that waits for somebody: named queues, and items that are given to one person at a time."""
