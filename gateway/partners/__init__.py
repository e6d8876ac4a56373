"""The other companies: who they are and what their agreement lets them see."""
