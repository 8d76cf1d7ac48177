"""Answers of an Azure that never was, in the shapes of the real one's: `make corpus` writes them.

They are committed as they are written, and a test holds the two together.
"""
