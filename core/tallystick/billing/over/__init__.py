"""Lines over other lines: percentages, discounts, minimums and caps."""
