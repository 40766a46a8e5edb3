"""STUB."""

from .identity import Identity
from .model import SystemAll, parse_abilities
from .namespaces import Namespace


class Interview:
    def __init__(self, uuid, system_all=None):
        self.uuid = uuid
        self.system_all = system_all
        self.result = None
        self.n = 0

    def reply_received(self, namespace, payload):
        self.result = Identity.of(self.uuid, self.system_all, parse_abilities(payload))

    def no_reply(self):
        self.n += 1
