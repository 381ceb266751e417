"""The durable fix: the same change for Git, in a local clone or in a file."""
