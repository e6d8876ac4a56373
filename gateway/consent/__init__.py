"""Consent and preference: who may be contacted, by whom, through what, for what, when and how often."""
