"""The broker's plain addresses (DESIGN.md, "Commands and addresses that stay put"); its WebSocket is in routing.py."""

from django.urls import path

from rooms import views

urlpatterns = [
    path("api/signal", views.signal),
    path("api/turn", views.turn),
    path("min-version.json", views.min_version),
    path("id", views.new_peer_id),
    path("<str:key>/id", views.new_peer_id),
    path("<str:key>/peers", views.peers),
]
