"""Prepaid balances: what is bought before it is used, drawn down, gone beyond and earned."""
