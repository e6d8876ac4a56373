"""What several connectors build on. A file in `connectors/` is a connector, this folder is not."""
