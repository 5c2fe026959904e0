"""Facts and rules, one folder a domain. Siblings never import each other: flows introduce them."""
