"""OAuth 2.0 (RFC 6749) as httpx authentication: client credentials, password, refresh token.

A token is asked for by one process at a time, kept encrypted, and used by all until shortly before
it expires or the vendor refuses it. A refresh token that rotates is replaced on disk before the new
access token is used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import httpx
from pydantic import SecretStr

from tallystick.connector import STATE_FOLDER, Context, Limits
from tallystick.errors import Stop
from tallystick.transport.answers import SECRETS, json_of, refused
from tallystick.transport.scrub import Secrets
from tallystick.transport.tokens import TokenFile, Tokens

EARLY: Final = timedelta(seconds=60)
"""A token is not used in the last moments of its life."""
LIFE_S: Final = 1800
"""How long a token is taken to live where the vendor does not tell (RFC 6749, section 5.1)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """How a login turns into a token at `token_url`.

    With `username` and `password` it is the password grant, with `refresh_token` the first of a
    chain that a person began by logging in; otherwise the client's own credentials. `told_in` says
    where the vendor reads client id and secret.
    """

    token_url: str
    client_id: str
    client_secret: SecretStr
    scope: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    refresh_token: SecretStr | None = None
    told_in: Literal["header", "body"] = "header"


class OAuth(httpx.Auth):
    """`Authorization: Bearer ...`, whatever it takes to have one. Set it as `auth` of a client."""

    def __init__(self, context: Context, grant: Grant, limits: Limits) -> None:
        self._connection = context.connection
        self._now = context.now
        self._grant = grant
        self._http = context.http(grant.token_url, limits)
        if grant.told_in == "header":
            self._http.auth = httpx.BasicAuth(
                grant.client_id, grant.client_secret.get_secret_value()
            )
        secrets = (grant.client_secret, grant.password)
        secret = "\0".join(one.get_secret_value() for one in secrets if one is not None)
        path = context.root / STATE_FOLDER / f"{context.connection}.tokens"
        self._file = TokenFile(path, secret)
        self._tokens: Tokens | None = None

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        tokens = self._current(None)
        response = yield self._signed(request, tokens)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            # refused before anything was done, so it may go again
            yield self._signed(request, self._current(tokens.access))

    def _signed(self, request: httpx.Request, tokens: Tokens) -> httpx.Request:
        known = request.extensions.get(SECRETS)
        if isinstance(known, Secrets):
            known.add(tokens.access)
        request.headers["authorization"] = f"Bearer {tokens.access}"
        return request

    def _current(self, refused_access: str | None) -> Tokens:
        """Tokens that are good as far as one knows: ours, those another process got, new ones."""
        tokens = self._tokens
        if tokens is None or not self._is_good(tokens, refused_access):
            with self._file.locked():
                tokens = self._file.read()
                if tokens is None or not self._is_good(tokens, refused_access):
                    tokens = self._ask(tokens)
                    self._file.write(tokens)
            self._tokens = tokens
        return tokens

    def _is_good(self, tokens: Tokens, refused_access: str | None) -> bool:
        fresh = self._now() < tokens.expires_at and tokens.access != refused_access
        return fresh and tokens.seed == self._seed

    @property
    def _seed(self) -> str | None:
        """Another refresh token in the settings begins another chain."""
        given = self._grant.refresh_token
        if given is None:
            return None
        return hashlib.sha256(given.get_secret_value().encode()).hexdigest()

    def _ask(self, kept: Tokens | None) -> Tokens:
        grant = self._grant
        form = self._form(kept)
        if grant.told_in == "body":
            form |= {
                "client_id": grant.client_id,
                "client_secret": grant.client_secret.get_secret_value(),
            }
        # who asks twice with a refresh token that rotates shows a spent one
        again = form["grant_type"] != "refresh_token"
        asked_at = self._now()
        response = self._http.post(grant.token_url, data=form, extensions={"repeatable": again})
        if response.is_client_error:
            raise self._login_gone(response)
        told = json_of(response, self._connection)
        access = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(access, str) or not access:
            raise refused(response, self._connection, why="no access token in the answer")
        life = timedelta(seconds=int(told.get("expires_in") or LIFE_S))
        refresh = told.get("refresh_token") or form.get("refresh_token")
        return Tokens(access, asked_at + life - min(EARLY, life / 2), refresh, self._seed)

    def _form(self, kept: Tokens | None) -> dict[str, str]:
        grant = self._grant
        scope = {"scope": grant.scope} if grant.scope else {}
        if grant.refresh_token is not None:
            chain = kept.refresh if kept is not None and kept.seed == self._seed else None
            refresh = chain or grant.refresh_token.get_secret_value()
            return {"grant_type": "refresh_token", "refresh_token": refresh}
        if grant.username is not None and grant.password is not None:
            password = grant.password.get_secret_value()
            return {
                "grant_type": "password",
                "username": grant.username,
                "password": password,
                **scope,
            }
        return {"grant_type": "client_credentials", **scope}

    def _login_gone(self, response: httpx.Response) -> Stop:
        do = "Check client id, secret and right of the app in the settings."
        if self._grant.refresh_token is not None:
            do = "Log in at the vendor again and put the new refresh token where the settings say."
        return Stop(
            f"{response.request.url.host} gives no token ({response.status_code}"
            f"{_code(response)}).",
            do=do,
            connection=self._connection,
        )


def _code(response: httpx.Response) -> str:
    """The error code of RFC 6749, section 5.2, which is all that is quoted."""
    found = re.search(r'"error"\s*:\s*"([a-z_]{3,40})"', response.text)
    return f", {found[1]}" if found else ""
