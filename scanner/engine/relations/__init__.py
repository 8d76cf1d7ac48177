"""Which resources a resource leads to."""
