"""Machinery: how anything runs. Transactions, events, jobs, inbox, the outside, settings. Knows no domain."""
