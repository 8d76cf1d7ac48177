"""Settings from acr-scan.yaml."""
