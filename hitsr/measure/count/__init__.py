"""Parameters and multiply-adds of networks."""
