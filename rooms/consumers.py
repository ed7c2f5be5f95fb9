"""The broker's socket: carries the effects of rooms/broker/session.py out, and nothing else. Reads no cookie."""

from itertools import count
from typing import Any, Final
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from rooms.broker.session import Broker, Close, Effect, Hello

_broker: Final = Broker()
_sockets: Final[dict[int, "BrokerConsumer"]] = {}
_numbers: Final = count()


class BrokerConsumer(AsyncWebsocketConsumer):
    """One PeerJS client. Any Origin may connect, as with the PeerJS server."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.number = next(_numbers)
        try:
            await super().__call__(scope, receive, send)
        finally:  # however the socket ended, also by a mistake of ours: its id must not stay taken
            _sockets.pop(self.number, None)
            _broker.closed(self.number)

    async def connect(self) -> None:
        _sockets[self.number] = self
        await self.accept()
        await _carry_out(_broker.opened(self.number, _hello(self.scope)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is not None:
            await _carry_out(_broker.receive(self.number, text_data))


async def _carry_out(effects: list[Effect]) -> None:
    for effect in effects:
        consumer = _sockets.get(effect.socket)
        if consumer is None:
            continue
        try:
            if isinstance(effect, Close):
                await consumer.close()
            else:
                await consumer.send(text_data=effect.text)
        except OSError:  # uvicorn's ClientDisconnected is one: that socket is going, its sender is not to blame
            _sockets.pop(effect.socket, None)


def _hello(scope: Any) -> Hello:
    query = parse_qs(scope["query_string"].decode("ascii", "replace"))
    key, peer_id, token = (query.get(name, [""])[0] for name in ("key", "id", "token"))
    return Hello(key, peer_id, token)
