# By id, by name, or in another org than the provider's.
terraform import dollarbox_volume.data 3
terraform import dollarbox_volume.data data
terraform import dollarbox_volume.data main/data
