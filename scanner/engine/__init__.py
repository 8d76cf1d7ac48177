"""Judges an inventory by policies. Pure: no clock, no network, no log."""
