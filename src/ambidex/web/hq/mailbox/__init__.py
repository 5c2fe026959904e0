"""The local mailbox of a demo: what customers received, read from its folder."""
