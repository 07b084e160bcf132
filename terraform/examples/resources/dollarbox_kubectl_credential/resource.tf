resource "dollarbox_kubectl_credential" "mine" {}

output "kubeconfig" {
  value     = dollarbox_kubectl_credential.mine.kubeconfig
  sensitive = true
}
