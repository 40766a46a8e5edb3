"""Which other key a plug may sign with, from the messages that were rejected."""

from typing import Final

from ..meross.message import Header, is_signed_with

# Of so many messages, some may be forged.
_MAX_HEADERS: Final = 8
# Seconds between two keys that are tried with the plug.
TRIAL_INTERVAL: Final = 10.0


class KeyFinder:
    """The messages of one plug with an invalid signature, since the last valid one."""

    def __init__(self) -> None:
        """Start without a rejected message."""
        self._reply: Header | None = None
        self._headers: list[Header] = []
        self._tried_at = float("-inf")

    @property
    def is_reply_rejected(self) -> bool:
        """Return whether a reply to a request of ours is among them."""
        return self._reply is not None

    def message_rejected(self, header: Header, *, is_reply: bool) -> None:
        """Keep a header; is_reply is whether it replies to a request of ours."""
        if is_reply:
            self._reply = header
        else:
            self._headers.append(header)
            del self._headers[:-_MAX_HEADERS]

    def message_accepted(self) -> None:
        """Drop everything: the plug signs with the stored key."""
        if self._headers or self._reply:
            self._headers.clear()
            self._reply = None

    def is_signed_with(self, key: str) -> bool:
        """Return whether the key signs one of the messages."""
        headers = [*self._headers, *([self._reply] if self._reply else [])]
        return any(is_signed_with(header, key) for header in headers)

    def may_try(self, now: float) -> bool:
        """Return whether a key may be tried, and count it as tried.

        now is in monotonic seconds: not every forged message may cause a query.
        """
        if now < self._tried_at + TRIAL_INTERVAL:
            return False
        self._tried_at = now
        return True
