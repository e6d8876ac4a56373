"""Erasing a person everywhere, telling every partner, and keeping anybody from bringing the person back."""
