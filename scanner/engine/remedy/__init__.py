"""Plans that put findings right, each tried on the inventory before it is offered. Pure."""
