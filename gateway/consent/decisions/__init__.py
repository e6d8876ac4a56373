"""May this customer be contacted now, and why not; and the place that is taken for it."""
