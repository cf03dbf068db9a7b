"""`[email]`: the mail server, and what letters with documents say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from tallystick.config.document_values import Format
from tallystick.config.table import Table
from tallystick.config.values import Text, Whole


class Words(Table):
    subject: Text = Field(description="The subject line.")
    text: Text = Field(description="The letter itself.")


class Email(Table):
    host: Text = Field(description="Your mail server.")
    port: Annotated[Whole, Field(ge=1, le=65535)] = Field(default=587, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way there is kept private; `none` on this machine."
    )
    user: Text | None = Field(default=None, description="Login name, where it asks for one.")
    password: SecretStr | None = Field(
        default=None, examples=["env:SMTP_PASSWORD"], description="As env:NAME or file:path."
    )
    sender: Text = Field(description="The address invoices come from.")
    copy_to: Text | None = Field(default=None, description="Gets a blind copy of every letter.")
    attach: tuple[Format, ...] = Field(
        default=("pdf",), min_length=1, description="Which formats of [documents] go with it."
    )
    invoice: Words | None = Field(default=None, description="Your own words for an invoice.")
    credit_note: Words | None = Field(default=None, description="And for a credit note.")
