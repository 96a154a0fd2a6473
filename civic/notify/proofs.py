"""What must be true of notices and what leaves the site."""

from collections.abc import Iterator

from django.db.models import Count

from civic.core import proofs
from civic.notify.models import Digest, Message, Notice


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


def daily_mails_share_their_fate() -> Iterator[str]:
    """What lies in a daily mail that is over is over too, and no daily mail is without messages."""
    over = [Digest.Status.SENT, Digest.Status.FAILED, Digest.Status.SKIPPED]
    left = Message.objects.filter(digest__status__in=over, status__in=[Message.Status.WAITING, Message.Status.SENDING])
    for pk in left.order_by("pk").values_list("pk", flat=True).iterator():
        yield f"message {pk} lies in a daily mail that is over, and waits"
    for pk in Digest.objects.filter(messages=None).order_by("pk").values_list("pk", flat=True).iterator():
        yield f"daily mail {pk} is empty"


proofs.register("daily-mails", daily_mails_share_their_fate)
