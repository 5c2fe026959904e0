"""Mail: the SMTP carrier of customer messages, and the local mailbox of the demo and the tests."""
