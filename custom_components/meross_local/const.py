"""Names that several modules share."""

import logging
from typing import Final

DOMAIN: Final = "meross_local"
LOGGER: Final = logging.getLogger(__package__)

SUBENTRY_PLUG: Final = "plug"

CONF_KEY: Final = "key"
CONF_PLUG: Final = "plug"
CONF_POWER_INTERVAL: Final = "power_interval"
CONF_UUID: Final = "uuid"

# Seconds between two polls of the power.
DEFAULT_POWER_INTERVAL: Final = 10
