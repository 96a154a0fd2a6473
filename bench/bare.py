"""The two limits: a view that says "ok", and one that inserts a row under a unique constraint.

Django with no middleware, no templates and nothing installed, on the same
server programme and the same database server as the site.
"""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from civic.settings import env

settings.configure(
    SECRET_KEY="bench",  # noqa: S106 - nothing is signed here
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.bare",
    DATABASES={"default": env.database("DATABASE_URL", default="sqlite:///:memory:") | {"CONN_MAX_AGE": None}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.db import connection, models  # noqa: E402 - Django must be set up first
from django.http import HttpRequest, HttpResponse  # noqa: E402, TID251 - these are views
from django.urls import path  # noqa: E402


class Row(models.Model):
    """A thing of which there is one per key."""

    key = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.key


def trivial(request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse("ok")


def insert(request: HttpRequest) -> HttpResponse:
    """Insert one row."""
    Row._default_manager.create(key=request.GET["key"])
    return HttpResponse("ok")


urlpatterns = [path("trivial/", trivial), path("insert/", insert)]
application = get_wsgi_application()

if __name__ == "__main__" and os.environ.get("DATABASE_URL"):
    with connection.schema_editor() as editor:
        editor.create_model(Row)
