data "dollarbox_member" "grace" {
  email = "grace@example.com"
}
