"""Köprü: a partner integration gateway for CRM."""
