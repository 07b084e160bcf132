data "dollarbox_orgs" "all" {}

output "orgs" {
  value = data.dollarbox_orgs.all.orgs[*].slug
}
