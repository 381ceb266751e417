"""in-cluster-curl: the incident's own test, from a pod beside the portal's."""
