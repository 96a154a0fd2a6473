from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civic.audit import types


class AppendOnlyError(Exception):
    """Somebody tried to change or delete an entry or a seal."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("The record is never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Nothing is deleted from the record.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("The record is never changed.")


class EntryQuerySet(AppendOnlyQuerySet):
    def about(self, subject: models.Model) -> "models.QuerySet[Entry]":
        """Return the entries about one object, oldest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("id")


class AppendOnly(models.Model):
    """Base of what is written once.  Database triggers refuse what gets past Python."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("The record is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Nothing is deleted from the record.")


class Entry(AppendOnly):
    """One thing that happened.  Written by ``civic.audit.record`` and never again.

    The one change the database lets through is forgetting a person: the actor,
    a person as subject, and personal facts go (``civic.audit.forgetting``).
    """

    type = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(help_text=_("When it happened; for what the clock does, when it was due."))
    recorded_at = models.DateTimeField(auto_now_add=True)
    channel = models.CharField(max_length=16, blank=True)
    facts = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # an object's history
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_by_subject"),
            # the auditor's filters by kind and time
            models.Index(fields=["type", "at"], name="entry_by_type"),
            # the auditor's pages, newest first
            models.Index(fields=["at", "id"], name="entry_by_time"),
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk} {self.type} {self.subject_type}:{self.subject_id}"

    @property
    def forgotten(self) -> frozenset[str]:
        """What was forgotten of this entry: ``actor``, ``subject``, ``fact:…`` (asks for its seal)."""
        sealed: SealedEntry | None = getattr(self, "sealing", None)
        return sealed.forgotten if sealed is not None else frozenset()

    def sentence(self, *, actor: str = "", subject: str = "", bare: bool = False) -> str:
        """Return the entry in the reader's language; names are the caller's to give.

        ``bare`` leaves personal facts out, as if they had been forgotten.
        """
        declared = types.get(self.type)
        if declared.personal and not bare and not declared.personal <= set(self.facts):
            bare = any(part.startswith("fact:") for part in self.forgotten)
        sentence = declared.forgotten if bare and declared.personal else declared.sentence
        known: dict[str, Any] = dict.fromkeys(declared.facts, "")
        known |= {name: declared.words.get(name, _as_it_is)(value) for name, value in self.facts.items()}
        nobody = gettext("The system") if self.actor_id is None else gettext("Somebody")
        if not actor and self.actor_id is None and "actor" in self.forgotten:
            nobody = gettext("Somebody whose account was deleted")
        return str(sentence) % (known | {"actor": actor or nobody, "subject": subject or self.subject_id or "…"})


def _as_it_is(value: Any) -> Any:
    return value


class Seal(AppendOnly):
    """One link of the chain: a batch of entries, bound to everything sealed before it."""

    number = models.PositiveBigIntegerField(primary_key=True)
    version = models.PositiveSmallIntegerField()
    previous = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    batch = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            # the chain never forks: of two sealers one wins
            models.UniqueConstraint(fields=["previous"], name="one_seal_after_each"),
            models.UniqueConstraint(fields=["hash"], name="one_seal_per_hash"),
            models.CheckConstraint(condition=models.Q(number__gte=1, count__gte=1), name="seal_holds_entries"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"


class SealedEntry(AppendOnly):
    """Which seal an entry is under, what of it was hashed, and the salts of what may be forgotten."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="sealing")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="members", db_index=False)
    position = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    office = models.CharField(max_length=50, blank=True)
    place = models.CharField(max_length=255, blank=True)
    commitments = models.JSONField(default=dict)
    salts = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("sealed entry")
        verbose_name_plural = _("sealed entries")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["seal", "position"], name="one_entry_per_place_in_a_seal"),
        ]
        indexes = [
            # the auditor's filters by office and by place, newest first
            models.Index(fields=["office", "entry"], name="sealed_by_office"),
            models.Index(fields=["place", "entry"], name="sealed_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.seal_id}"

    @property
    def forgotten(self) -> frozenset[str]:
        """The parts whose commitment is left without its salt."""
        return frozenset(self.commitments) - frozenset(self.salts)


class Unsealed(models.Model):
    """An entry that waits for its seal.  Written by a trigger beside the entry, deleted by the sealer.

    Numbers become visible out of order on PostgreSQL, so "everything after the
    last number sealed" would leave the late ones out for ever.
    """

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = _("unsealed entry")
        verbose_name_plural = _("unsealed entries")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.entry_id)
