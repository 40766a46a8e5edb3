"""Listeners to the state of one plug."""

from functools import partial

from homeassistant.core import CALLBACK_TYPE


class Listeners:
    """Functions to call when something of a namespace changed."""

    def __init__(self) -> None:
        """Start without listeners."""
        self._listeners: dict[str, list[CALLBACK_TYPE]] = {}

    def add(self, namespace: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Add a listener; return the function that removes it."""
        listeners = self._listeners.setdefault(namespace, [])
        listeners.append(listener)
        return partial(listeners.remove, listener)

    def notify(self, namespace: str) -> None:
        """Call the listeners of a namespace."""
        for listener in tuple(self._listeners.get(namespace, ())):
            listener()

    def notify_all(self) -> None:
        """Call the listeners of every namespace."""
        for namespace in self._listeners:
            self.notify(namespace)
