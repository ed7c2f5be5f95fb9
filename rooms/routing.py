"""The broker's WebSocket address."""

from typing import Any, cast

from django.urls import path

from rooms.consumers import BrokerConsumer

websocket_urlpatterns: list[Any] = [
    path("peerjs", cast(Any, BrokerConsumer.as_asgi()))  # Channels routes ASGI applications with Django's path()
]
