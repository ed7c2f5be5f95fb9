"""What an ASGI server runs: pages by Django, the broker's WebSocket by Channels."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kibitz_site.settings")
_pages = get_asgi_application()

from rooms.routing import websocket_urlpatterns  # noqa: E402  # the models of the apps exist only after the line above

application = ProtocolTypeRouter({"http": _pages, "websocket": URLRouter(websocket_urlpatterns)})
