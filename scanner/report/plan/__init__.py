"""Plans as az, Bicep and Terraform."""
