"""The house's own attributes of customers: declared through the API, checked on what is written, shown in OpenAPI."""
