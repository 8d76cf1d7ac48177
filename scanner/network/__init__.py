"""IPv4 prefix algebra and service tags."""
