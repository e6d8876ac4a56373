"""What a WSGI server runs: `granian --interface wsgi wsgi:app`."""

from gateway.app import create_app

app = create_app()
