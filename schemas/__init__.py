"""The shapes that travel on the wire: marshmallow only, no Flask, no database."""
