terraform {
  required_providers {
    dollarbox = {
      source = "dollarbox.dev/dollarbox/dollarbox"
    }
  }
}

# The token is read from DOLLARBOX_TOKEN.
provider "dollarbox" {
  endpoint = "http://localhost:8080"
  org      = "main"
}
