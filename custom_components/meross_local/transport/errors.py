"""Errors of a request to a plug that is not set up yet, over HTTP or MQTT."""


class PlugRequestError(Exception):
    """A request to a plug failed."""


class InvalidAddressError(PlugRequestError):
    """The text is not the address of a host."""


class CannotConnectError(PlugRequestError):
    """Nothing responds to HTTP at the address."""


class InterruptedReplyError(PlugRequestError):
    """Something responds to HTTP, but each of its replies is cut or an error."""


class NoReplyError(PlugRequestError):
    """The plug does not reply over MQTT, or MQTT is not connected."""


class NotMerossError(PlugRequestError):
    """The device that responds does not use the protocol of Meross."""


class NotAPlugError(PlugRequestError):
    """The device is a Meross device, but not a plug."""


class UnknownKeyError(PlugRequestError):
    """The plug signs with none of the keys that were tried."""


class RequestRejectedError(PlugRequestError):
    """The plug replied with an ERROR to a request that its own key signs."""
