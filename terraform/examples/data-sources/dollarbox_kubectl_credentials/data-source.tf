data "dollarbox_kubectl_credentials" "all" {}

output "service_accounts" {
  value = data.dollarbox_kubectl_credentials.all.kubectl_credentials[*].sa_name
}
