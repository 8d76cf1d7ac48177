"""The language evaluated the slow and plain way: what the compiled conditions must agree with."""
