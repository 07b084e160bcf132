list "dollarbox_container" "all" {
  provider = dollarbox

  config {
    org = "main"
  }
}
