"""Questions about service tags."""
