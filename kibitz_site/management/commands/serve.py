"""`manage.py serve`: checks, database, static files, then the server. What `make run` does once everything is installed."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Start Kibitz on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reload", action="store_true", help="start again when a Python file changes")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Kibitz is at {settings.KIBITZ.site_url} (Ctrl+C stops it)")
        self.stdout.flush()
        uvicorn.run(
            "kibitz_site.asgi:application",
            host="127.0.0.1",
            port=settings.KIBITZ["PORT"],
            ws="websockets-sansio",
            ws_max_size=64 * 1024,  # bytes: the broker's frame cap (DESIGN.md, "Security baseline")
            ws_per_message_deflate=False,  # offers are small and compressing them costs more than it saves
            lifespan="off",
            server_header=False,
            access_log=False,  # who called whom is not written down
            log_config=None,
            reload=options["reload"],
        )
