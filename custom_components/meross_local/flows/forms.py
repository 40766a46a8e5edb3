"""What several forms share: fields, and the translation keys of errors."""

from typing import Final

from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..const import CONF_KEY
from ..transport.errors import (
    CannotConnectError,
    InterruptedReplyError,
    InvalidAddressError,
    NoReplyError,
    NotAPlugError,
    NotMerossError,
    PlugRequestError,
    RequestRejectedError,
    UnknownKeyError,
)

KEY_SELECTOR: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
# Optional: the front end does not submit an empty field that is required.
KEY_SCHEMA: Final = vol.Schema({vol.Optional(CONF_KEY, default=""): KEY_SELECTOR})

_ERROR_KEYS: Final[dict[type[PlugRequestError], str]] = {
    CannotConnectError: "no_http",
    InterruptedReplyError: "try_again",
    InvalidAddressError: "invalid_address",
    NoReplyError: "no_answer",
    NotAPlugError: "not_a_plug",
    NotMerossError: "not_meross",
    RequestRejectedError: "refused",
    UnknownKeyError: "wrong_key",
}


def error_key(error: PlugRequestError) -> str:
    """Return the translation key of an error."""
    return _ERROR_KEYS[type(error)]


def normalize_uuid(uuid: str) -> str:
    """Return a uuid in the form that plugs send."""
    return uuid.strip().lower()
