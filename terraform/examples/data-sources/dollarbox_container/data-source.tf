data "dollarbox_container" "web" {
  name = dollarbox_container.web.name
}
