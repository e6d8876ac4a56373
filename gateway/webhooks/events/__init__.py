"""Events themselves: polled by those who cannot be reached, and published by the house."""
