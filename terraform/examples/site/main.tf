# A small site: a web server, a database with a volume, and a colleague.

terraform {
  required_providers {
    dollarbox = {
      source = "dollarbox.dev/dollarbox/dollarbox"
    }
  }
}

# Read from DOLLARBOX_ENDPOINT, DOLLARBOX_TOKEN and DOLLARBOX_ORG.
provider "dollarbox" {}

variable "image" {
  type    = string
  default = "nginx:1.27"
}

resource "dollarbox_volume" "data" {
  name    = "site-data"
  size_gb = 1
}

resource "dollarbox_container" "database" {
  name    = "site-database"
  image   = var.image
  volumes = [{ volume = dollarbox_volume.data.id, mount_path = "/data" }]
}

resource "dollarbox_container" "web" {
  name  = "site-web"
  image = var.image
  # Containers of an org reach each other by name.
  env = { DATABASE_HOST = dollarbox_container.database.name }
}

resource "dollarbox_invitation" "colleague" {
  email = "hedy@example.com"
}

output "address" {
  value = "http://[${dollarbox_container.web.ipv6_address}]/"
}
