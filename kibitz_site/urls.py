"""Every address of the site (DESIGN.md, "Commands and addresses that stay put")."""

from django.contrib import admin
from django.urls import include, path

from kibitz_site import health, metrics, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("j/<str:room>", pages.share, name="share"),
    path("favicon.ico", pages.icon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("", include("rooms.urls")),
]
