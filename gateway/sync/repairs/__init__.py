"""What people have done again: a range of time, one record, or everything from the beginning."""
