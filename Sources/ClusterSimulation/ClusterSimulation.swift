/// Placeholder for the simulated cluster.
