ephemeral "dollarbox_kubectl_credential" "run" {
  expires_in = 3600
}

# For example to configure another provider.
locals {
  kubeconfig = yamldecode(ephemeral.dollarbox_kubectl_credential.run.kubeconfig)
}
