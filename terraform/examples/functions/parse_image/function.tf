locals {
  image = provider::dollarbox::parse_image("ghcr.io/acme/shop:1.4")
}

output "tag" {
  value = local.image.tag # 1.4
}
