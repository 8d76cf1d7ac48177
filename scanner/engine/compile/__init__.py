"""Conditions made ready for judging: one class for each kind gives its truth and the evidence."""
