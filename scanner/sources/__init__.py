"""Input: the only part of acr-scan that reads files of resources, or Azure."""
