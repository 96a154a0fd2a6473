"""The Celery application: ``celery -A civic worker``."""

import os

from celery import Celery
from celery.signals import setup_logging

from civic.core import queue_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")

queue_files.install()

app = Celery("gongyi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_signal: object) -> None:
    """Leave logging as the settings have it; whoever connects here keeps Celery from changing it."""
