"""Double opt-in: a yes that was said at the contact point itself."""
