"""The Celery application: ``celery -A civic worker``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")

app = Celery("gongyi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
