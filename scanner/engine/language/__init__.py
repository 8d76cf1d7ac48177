"""What the parts of a condition mean: operators, prefixes, placeholders, names."""
