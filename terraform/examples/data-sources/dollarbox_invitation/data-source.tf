data "dollarbox_invitation" "ada" {
  email = dollarbox_invitation.ada.email
}
