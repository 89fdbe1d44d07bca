"""Google Cloud, for the adapters that speak to it: calls, who we are, refusals."""
