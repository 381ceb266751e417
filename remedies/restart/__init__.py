"""restart-workload, and the steps by which other remedies restart."""
