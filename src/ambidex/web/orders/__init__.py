"""The order page: said | done, who owns it now, what is next."""
