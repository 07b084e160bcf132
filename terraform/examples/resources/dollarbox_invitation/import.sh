# By id, by address, or in another org than the provider's.
terraform import dollarbox_invitation.ada 9
terraform import dollarbox_invitation.ada ada@example.com
terraform import dollarbox_invitation.ada main/ada@example.com
