"""The catalogue: which types of events there are, ours and the house's own, and what their data looks like."""
