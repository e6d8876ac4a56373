"""Partners that speak shapes of their own, over real HTTP."""
