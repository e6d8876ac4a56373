"""What both sides say of one record, put together field by field."""
