"""Devices as several tools know them, against what contracts count of them."""
