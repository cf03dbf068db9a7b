"""The mail server's password, looked up where [email] says it is."""

from __future__ import annotations

from pathlib import Path

from tallystick.config.load import located
from tallystick.config.model import Config
from tallystick.config.secrets import resolve
from tallystick.config.sources import Environ
from tallystick.errors import Stop
from tallystick.mapping.twoway import Misfit


def mail_password(config: Config, path: Path, environ: Environ) -> str | None:
    """The password of `email.password`, None where there is none; raises `Stop`."""
    if config.email is None or config.email.password is None:
        return None
    try:
        return resolve(config.email.password.get_secret_value(), path.parent, environ)
    except Misfit as misfit:
        *_, places = located(path, environ)
        place = places.at(("email", "password"))
        raise Stop(f"`email.password`: {misfit.what}", do=misfit.do, place=place) from None
