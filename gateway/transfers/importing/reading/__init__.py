"""From a file as it came to numbered rows of cells, whatever its format."""
