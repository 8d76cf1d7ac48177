"""What authors of policies work with: cases, lint, mutations, scaffolds, pages."""
