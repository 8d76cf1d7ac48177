"""What Azure answers."""
