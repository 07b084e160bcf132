data "dollarbox_containers" "failed" {
  status = "failed"
}

output "failed" {
  value = { for container in data.dollarbox_containers.failed.containers : container.name => container.status_message }
}
