"""The register of what went to whom, when and how; it outlives what it went with."""
