action "dollarbox_container_restart" "web" {
  config {
    id   = dollarbox_container.web.id
    pull = true
  }
}
