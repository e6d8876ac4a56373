"""What customers may ask of us about their own data, as cases with deadlines: access, rectification, erasure."""
