"""A mosquitto process on a free port of 127.0.0.1, without persistence."""

from collections.abc import Iterable
from pathlib import Path
import shutil
from typing import override

from .listeners import Listener
from .process import Process, Service, accepts_connections, free_port

# Without tcp_nodelay, a message waits up to 40 ms for the acknowledgement of the one
# before it, and timing tests would measure Nagle's algorithm.
# Started by root, it would switch to a user that cannot read the listeners' files.
CONFIGURATION = """\
per_listener_settings true
user root
persistence false
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_type subscribe
listener {port} 127.0.0.1
allow_anonymous true
"""


def find_mosquitto() -> str | None:
    """Return the path of mosquitto; Debian's is often not on PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Mosquitto(Service):
    """Control a broker, which has the same port at every start."""

    def __init__(self, folder: Path, listeners: Iterable[Listener] = ()) -> None:
        """Write its configuration to the folder.

        Its own port needs neither TLS nor a login; `listeners` are added to it.
        """
        program = find_mosquitto()
        if program is None:
            raise FileNotFoundError("mosquitto is not installed")
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "mosquitto.conf"
        more = "".join(listener.configuration for listener in listeners)
        configuration.write_text(CONFIGURATION.format(port=self.port) + more)
        self.process = Process(
            [program, "-c", str(configuration)], log=folder / "mosquitto.log"
        )

    @override
    async def is_ready(self) -> bool:
        """Return whether it accepts connections."""
        return await accepts_connections(self.port)
