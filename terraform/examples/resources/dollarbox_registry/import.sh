# By id, by host, with the path prefix if there is one, or in another org than the provider's.
terraform import dollarbox_registry.ghcr 4
terraform import dollarbox_registry.ghcr ghcr.io/acme
terraform import dollarbox_registry.ghcr main/ghcr.io/acme
