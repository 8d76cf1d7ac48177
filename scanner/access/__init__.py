"""Who reaches a registry, and which way."""
