"""What we know of Azure, as data: fields, relations, limits."""
