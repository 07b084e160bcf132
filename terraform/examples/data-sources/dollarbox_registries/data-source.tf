data "dollarbox_registries" "all" {}

output "registry_hosts" {
  value = data.dollarbox_registries.all.registries[*].host
}
