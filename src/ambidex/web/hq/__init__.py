"""Pages of head office: parked messages, what customers are told, the local mailbox."""
