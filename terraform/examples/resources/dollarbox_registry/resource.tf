resource "dollarbox_registry" "ghcr" {
  host        = "ghcr.io"
  path_prefix = "acme"
  username    = "acme-robot"

  # Stored nowhere but in DollarBox. Change the version to send a new one.
  secret_wo         = var.ghcr_token
  secret_wo_version = 1
}

variable "ghcr_token" {
  type      = string
  sensitive = true
  default   = "a token"
}
