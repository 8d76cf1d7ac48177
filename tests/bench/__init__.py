"""Benchmarks: `python -m bench` measures acr-scan, `python -m bench.peers` others beside it.

Both work on a made-up estate that is the same, byte for byte, for the same number of registries.
"""

from bench.estate import rows, write

__all__ = ["rows", "write"]
