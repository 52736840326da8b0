"""Mail in: read safely, sorted, stored once, and told as an event. Nobody's mail changes anything by itself."""
