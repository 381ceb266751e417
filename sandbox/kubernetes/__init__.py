"""A Kubernetes API server's stand-in: generic objects, watches, logs, proxy, port-forward."""
