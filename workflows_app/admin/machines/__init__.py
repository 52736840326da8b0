"""Machines that call us and that we call: tokens, sources and subscriptions of webhooks, and their deliveries."""
