"""Invoice documents laid out for people: HTML to print, plain text to read anywhere."""

from tallystick.billing.documents.html import render_html
from tallystick.billing.documents.text import render_text

__all__ = ["render_html", "render_text"]
