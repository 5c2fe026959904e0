"""The customer's page of an order: no account, the same truth in customer words."""
