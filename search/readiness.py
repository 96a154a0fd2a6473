"""What search tells a load balancer, an operator and a backup."""

from django.conf import settings

from civic.core import backups, health
from search.engines import engine
from search.models import Generation, Posting, StoredDocument


def _note() -> str:
    if settings.ELASTICSEARCH_URL:
        return "The built-in engine answers: this version does not use ELASTICSEARCH_URL yet."
    return ""


health.ready_when("search", lambda: engine().check(), note=_note)
backups.rebuilt_by("rebuild_search", *(model._meta.db_table for model in (Posting, StoredDocument, Generation)))
