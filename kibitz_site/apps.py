"""Registers the site with Django, and with it the system checks of the settings."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from kibitz_site.checks import check_environment


class KibitzSiteConfig(AppConfig):
    name = "kibitz_site"
    verbose_name = "Kibitz"

    def ready(self) -> None:
        register(check_environment, Tags.security)
