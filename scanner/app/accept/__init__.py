"""Exemptions and baselines of a scan."""
