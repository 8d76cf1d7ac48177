"""acr-scan: policy as code for the network of Azure Container Registry."""

__version__ = "0.1.0"
