"""What search tells a load balancer and an operator."""

from django.conf import settings

from civic.core import health
from search.models import Generation, StoredDocument


def _answers() -> None:
    StoredDocument.objects.filter(generation__state=Generation.State.LIVE).exists()


def _note() -> str:
    if settings.ELASTICSEARCH_URL:
        return "The built-in engine answers: this version does not use ELASTICSEARCH_URL yet."
    return ""


health.ready_when("search", _answers, note=_note)
