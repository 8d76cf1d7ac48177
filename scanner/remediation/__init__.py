"""Plans of steps that settle findings, tried on the inventory before they are offered."""
