"""What the rules of networks and firewalls let through."""
