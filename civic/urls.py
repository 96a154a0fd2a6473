"""Every address of the site.  Sub-apps are joined by string."""

from django.conf import settings
from django.urls import include, path

urlpatterns: list = [
    path("", include("civic.ui.urls")),
]
