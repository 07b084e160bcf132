resource "dollarbox_volume" "data" {
  name    = "data"
  size_gb = 10
}

resource "dollarbox_container" "files" {
  name    = "files"
  image   = "nginx:1.27"
  volumes = [{ volume = dollarbox_volume.data.id, mount_path = "/usr/share/nginx/html" }]
}
