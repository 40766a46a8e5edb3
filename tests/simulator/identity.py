"""The uuid, MAC and MQTT login of a plug (docs/protocol.md 6.1)."""

from dataclasses import dataclass
from hashlib import md5
from random import Random
import secrets
import string

_ALPHANUMERIC = string.ascii_letters + string.digits
_SPREAD = 0x9E3779B1  # odd, so that no two numbers below 2**24 share a MAC


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of one plug."""

    uuid: str
    mac: str
    user_id: int

    @property
    def request_topic(self) -> str:
        """The topic that it subscribes to."""
        return f"/appliance/{self.uuid}/subscribe"

    @property
    def publish_topic(self) -> str:
        """The topic of its pushes, and of Bind SET."""
        return f"/appliance/{self.uuid}/publish"

    def client_id(self) -> str:
        """Make the MQTT client id of one connection: its end is new each time."""
        suffix = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(16))
        return f"fmware:{self.uuid}_{suffix}"

    def password(self, key: str) -> str:
        """Make the MQTT password; the user is the MAC."""
        digest = md5(f"{self.mac}{key}".encode()).hexdigest()  # noqa: S324
        return f"{self.user_id}_{digest}"


def identity(number: int, user_id: int) -> Identity:
    """Make the names of a plug by its number, the same ones every time.

    A uuid is not always hexadecimal: odd numbers hold the letter h where real
    ones do (docs/protocol.md 0.7).
    """
    random = Random(number)  # noqa: S311
    tail = f"{number * _SPREAD % 2**24:06x}"
    mac = f"48e1e9{tail}"
    head = "20" + "".join(random.choices(string.digits, k=15))
    middle = ("h" if number % 2 else "1") + f"{random.randrange(100):02d}"
    colons = ":".join(mac[index : index + 2] for index in range(0, 12, 2))
    return Identity(uuid=head + middle + mac, mac=colons, user_id=user_id)
