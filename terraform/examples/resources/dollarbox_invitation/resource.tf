resource "dollarbox_invitation" "ada" {
  email = "ada@example.com"
  role  = "admin"
}
