# By id, by address, or in another org than the provider's.
terraform import dollarbox_member.grace 7
terraform import dollarbox_member.grace grace@example.com
terraform import dollarbox_member.grace main/grace@example.com
