"""Cash: attempts, pages, events and refunds at providers; where each movement went."""
