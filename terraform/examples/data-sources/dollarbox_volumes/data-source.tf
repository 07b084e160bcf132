data "dollarbox_volumes" "all" {}

output "volume_gb" {
  value = sum(concat([0], data.dollarbox_volumes.all.volumes[*].size_gb))
}
