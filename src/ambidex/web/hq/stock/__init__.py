"""The page Stock: why a number is what it is, the rules behind it, and the ledger of an item."""
