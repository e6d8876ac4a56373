"""The floors: bare WSGI functions that send the product's own statements and nothing else."""
