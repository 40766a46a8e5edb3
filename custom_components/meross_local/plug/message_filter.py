"""Which messages of a plug count: those of its key, in the order of their arrival."""

from collections.abc import Callable, Iterable
import time
from typing import Final

from homeassistant.core import callback

from ..const import LOGGER
from ..meross.handshake import handshake_reply
from ..meross.message import Header, Message, find_key
from ..meross.message_order import MessageOrder, Order
from ..meross.namespaces import Method
from .key_finder import KeyFinder
from .message_log import MessageLog
from .request_tracker import Request, RequestTracker
from .scheduler import Scheduler

_REPLIES: Final = frozenset({Method.GETACK, Method.SETACK, Method.ERROR})


class MessageFilter:
    """Verifies the messages of one plug, and replies to what requires a reply.

    Where a message does not count, the plug is queried instead.
    """

    def __init__(  # noqa: PLR0913 (what a message has to do with)
        self,
        uuid: str,
        requests: RequestTracker,
        scheduler: Scheduler,
        message_log: MessageLog,
        *,
        other_keys: Callable[[], Iterable[str]],
        key_changed: Callable[[], None],
    ) -> None:
        """Initialize; other_keys are those that it may have been set up with elsewhere.

        key_changed is called when the plug has proved that it signs with one of them.
        """
        self.key_finder = KeyFinder()
        self._uuid = uuid
        self._requests = requests
        self._scheduler = scheduler
        self._message_log = message_log
        self._other_keys = other_keys
        self._key_changed = key_changed
        self._order = MessageOrder()

    @callback
    def accept(self, message: Message, now: float) -> bool:
        """Return whether a message counts; now is in monotonic seconds."""
        header = message.header
        request = self._requests.find(header)
        own_key = self._requests.key
        keys = (own_key,) if request is None else (request.key, own_key)
        if (key := find_key(header, keys)) is None:
            self._reject(message, request, now)
            return False
        self._message_log.record_received(message.raw)
        self.key_finder.message_accepted()
        self._reply(message, key)
        if request is None or key != request.key:
            return self._accept_unrequested(header, now)
        if key != own_key:
            self._requests.key = key
            self._key_changed()
        self._order.answer_received(header, now)
        self._scheduler.message_received()
        self._scheduler.reply_received(header.namespace, now)
        self._requests.resolve(request, message)
        return True

    def _accept_unrequested(self, header: Header, now: float) -> bool:
        order = self._order.message_received(header, now)
        if order is Order.OUTDATED:
            self._message_log.outdated += 1
        else:
            self._scheduler.message_received()
        if order is Order.DOUBTFUL or (
            order is Order.OUTDATED and header.method not in _REPLIES
        ):
            self._scheduler.request_state(now)
        # A late reply is doubtful where a PUSH is the first one of another clock.
        return order is Order.CURRENT or (
            order is Order.DOUBTFUL and header.method is not Method.GETACK
        )

    def _reject(self, message: Message, request: Request | None, now: float) -> None:
        """Keep a plug connected whose key was changed, and find its key."""
        header = message.header
        self._message_log.record_rejected()
        LOGGER.debug("Ignored message signed with another key: %s", header)
        is_reply = request is not None and request.key == self._requests.key
        self.key_finder.message_rejected(header, is_reply=is_reply)
        key = find_key(header, self._other_keys())
        self._reply(message, key)
        if key is not None and self.key_finder.may_try(now):
            self._requests.async_try_key(key)

    def _reply(self, message: Message, key: str | None) -> None:
        """Send what keeps a plug connected."""
        data = handshake_reply(self._uuid, message, key, int(time.time()))
        if data is not None:
            self._requests.publish(data)
