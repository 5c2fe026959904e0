"""What customers are told: every message in our one voice, previewed with made-up facts."""
