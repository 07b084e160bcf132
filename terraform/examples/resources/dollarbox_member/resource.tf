resource "dollarbox_member" "grace" {
  email = "grace@example.com"
  role  = "admin"
}
