"""Files that are read and written: snapshots, exports, results."""
