"""The login of a plug to its broker (docs/protocol.md 6.1)."""

from dataclasses import dataclass
import hashlib
import secrets
import string
from typing import Final

_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a plug derives its login from; mac is lower case with colons."""

    uuid: str
    mac: str
    key: str
    user_id: int = 0

    @property
    def user(self) -> str:
        """Return the user name."""
        return self.mac

    @property
    def password(self) -> str:
        """Return the password."""
        text = f"{self.mac}{self.key}".encode()
        digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
        return f"{self.user_id}_{digest}"

    def new_client_id(self) -> str:
        """Return another client id each time: no connection takes over another."""
        suffix = "".join(secrets.choice(_LETTERS) for _ in range(16))
        return f"fmware:{self.uuid}_{suffix}"
