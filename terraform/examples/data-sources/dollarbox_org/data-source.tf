# The org of the provider.
data "dollarbox_org" "current" {}

output "org" {
  value = data.dollarbox_org.current.name
}
