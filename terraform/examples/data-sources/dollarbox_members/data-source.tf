data "dollarbox_members" "all" {}

output "owners" {
  value = [for member in data.dollarbox_members.all.members : member.email if member.role == "owner"]
}
