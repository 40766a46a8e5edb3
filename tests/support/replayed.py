"""A plug that answers with what others have recorded."""

import time
from typing import Any

import orjson

from tests.simulator import Message

from .mqtt import MqttBroker


class ReplayedPlug:
    """Answers each GET with the recorded payload of its namespace, empty key."""

    is_connected = True

    def __init__(self, broker: MqttBroker, messages: list[dict[str, Any]]) -> None:
        """Connect with the last payload of each namespace."""
        self.messages = messages
        self.topic = f"/appliance/{messages[0]['header']['from'].split('/')[2]}/publish"
        self.payloads = {
            one["header"]["namespace"]: one["payload"]
            for one in reversed(messages)
            if one["header"]["method"] == "GETACK"
        }
        self.commands: list[dict[str, Any]] = []
        self._broker = broker
        broker.plugs[self.topic.replace("publish", "subscribe")] = self  # type: ignore[assignment]

    def replay(self) -> None:
        """Publish the recorded messages as they were."""
        for message in self.messages:
            self._broker.publish(self.topic, orjson.dumps(message))

    def received(self, raw: bytes, _now: float) -> None:
        """Answer a query; keep and acknowledge a command."""
        message = orjson.loads(raw)
        header = message["header"]
        if header["method"] == "SET":
            self.commands.append(message)
            self.publish(header["namespace"], "SETACK", {}, header["messageId"])
        elif header["method"] == "GET" and header["namespace"] in self.payloads:
            payload = self.payloads[header["namespace"]]
            self.publish(header["namespace"], "GETACK", payload, header["messageId"])

    def publish(
        self, namespace: str, method: str, payload: dict[str, Any], message_id: str = ""
    ) -> None:
        """Publish a message that is signed now."""
        signed = Message.signed(
            "",
            message_id=message_id,
            namespace=namespace,
            method=method,
            payload=payload,
            reply_to=self.topic,
            timestamp=int(time.time()),
            timestamp_ms=0,
        )
        self._broker.publish(self.topic, signed.encode())
