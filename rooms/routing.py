"""The broker's WebSocket address."""

from typing import Any

from django.urls import path

from rooms.consumers import BrokerConsumer

websocket_urlpatterns: list[Any] = [path("peerjs", BrokerConsumer.as_asgi())]
