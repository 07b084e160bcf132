# By id, by name, or in another org than the provider's.
terraform import dollarbox_container.web 12
terraform import dollarbox_container.web web
terraform import dollarbox_container.web main/web
