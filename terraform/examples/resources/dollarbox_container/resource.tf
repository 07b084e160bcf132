resource "dollarbox_container" "web" {
  name  = "web"
  image = "nginx:1.27"
  ports = [80]
  env   = { GREETING = "hello" }

  # Stored nowhere but in the container. Change the version to send new values.
  env_wo         = { API_KEY = var.api_key }
  env_wo_version = 1

  timeouts {
    create = "5m"
  }
}

variable "api_key" {
  type      = string
  sensitive = true
  default   = ""
}
