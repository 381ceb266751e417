"""deliver-argocd-token: mint a token and bring it into the pods."""
