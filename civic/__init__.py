"""The Django project and the ground everything stands on.

Imports nothing from ``search``, ``orgs`` or ``consult``; settings, URLs and
Celery join those by string.
"""

from civic.celery import app as celery_app

__all__ = ["celery_app"]
