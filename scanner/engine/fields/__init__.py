"""What the rows of a resource say of a path."""
