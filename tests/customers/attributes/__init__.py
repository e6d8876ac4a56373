"""The house's own attributes of customers."""
