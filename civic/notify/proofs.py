"""What must be true of notices and what leaves the site."""

from collections.abc import Iterator

from django.db.models import Count

from civic.core import proofs
from civic.notify.models import Message, Notice


def notices_are_told_once() -> Iterator[str]:
    """Nobody was told the same thing twice."""
    twice = Notice.objects.values("person", "entry", "kind").annotate(times=Count("pk")).filter(times__gt=1)
    for row in twice.order_by("entry", "person").iterator():
        yield f"person {row['person']} was told {row['kind']} of entry {row['entry']} {row['times']} times"


def messages_say_when_they_left() -> Iterator[str]:
    """What is sent says when."""
    undated = Message.objects.filter(status=Message.Status.SENT, sent_at=None).order_by("pk")
    for pk in undated.values_list("pk", flat=True).iterator():
        yield f"message {pk} is sent but does not say when"


proofs.register("notices", notices_are_told_once)
proofs.register("messages", messages_say_when_they_left)
