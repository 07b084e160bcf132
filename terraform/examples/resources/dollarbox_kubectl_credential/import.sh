# By id, by the name of its service account, or in another org than the provider's. The kubeconfig stays unknown.
terraform import dollarbox_kubectl_credential.mine 5
terraform import dollarbox_kubectl_credential.mine sa-5
terraform import dollarbox_kubectl_credential.mine main/sa-5
