"""Every address of the site (DESIGN.md, "Commands and addresses that stay put")."""

from django.contrib import admin
from django.urls import path

from kibitz_site import health, pages
from rooms import views as rooms

urlpatterns = [
    path("", pages.home, name="home"),
    path("j/<str:room>", pages.share, name="share"),
    path("favicon.ico", pages.icon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("id", rooms.new_peer_id),
    path("peerjs/id", rooms.new_peer_id),
    path("admin/", admin.site.urls),
]
