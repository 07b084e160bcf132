data "dollarbox_registry" "ghcr" {
  host = "${dollarbox_registry.ghcr.host}/${dollarbox_registry.ghcr.path_prefix}"
}
