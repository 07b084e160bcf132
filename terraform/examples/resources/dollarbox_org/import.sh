# By slug.
terraform import dollarbox_org.lab lab
