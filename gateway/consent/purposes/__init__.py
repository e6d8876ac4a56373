"""What customers may be contacted for."""
