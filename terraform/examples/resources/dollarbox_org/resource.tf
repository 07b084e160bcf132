resource "dollarbox_org" "lab" {
  slug          = "lab"
  name          = "The lab"
  billing_email = "bills@example.com"
}
