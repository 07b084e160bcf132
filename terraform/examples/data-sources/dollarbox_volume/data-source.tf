data "dollarbox_volume" "data" {
  name = dollarbox_volume.data.name
}
