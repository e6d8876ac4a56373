"""Long work that the API starts, shows and cancels: small steps, each committed, gone on with after a crash."""
