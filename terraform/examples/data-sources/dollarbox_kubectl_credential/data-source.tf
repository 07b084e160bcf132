data "dollarbox_kubectl_credential" "mine" {
  sa_name = dollarbox_kubectl_credential.mine.sa_name
}
