data "dollarbox_invitations" "all" {}

output "pending" {
  value = [for invitation in data.dollarbox_invitations.all.invitations : invitation.email if !invitation.accepted]
}
