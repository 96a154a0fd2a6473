import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civic.core.asking import Question


class Level(models.IntegerChoices):
    """How far we know that an account is the person it says (each includes those before)."""

    REGISTERED = 0, _("registered")
    CONTACT = 1, _("contact verified")
    RESIDENT = 2, _("resident verified")
    IN_PERSON = 3, _("verified in person")


class PersonManager(BaseUserManager["Person"]):
    def create_user(
        self, email: str | None = None, phone: str | None = None, password: str | None = None, **fields: Any
    ) -> "Person":
        """Create an account; without a password it can only be entered with a code."""
        person = self.model(email=self.normalize_email(email).lower() if email else None, phone=phone or None, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get(self, *args: Any, **kwargs: Any) -> "Person":
        """As ever; by ``pk`` alone, which every request of somebody signed in asks, with where the person lives."""
        # Managers of relations are classes of their own, and find only who is related.
        is_plain = type(self) is PersonManager and self._db is None and not args and kwargs.keys() == {"pk"}
        if not is_plain or not isinstance(kwargs["pk"], int):
            return super().get(*args, **kwargs)
        found = _BY_PK.one(pk=kwargs["pk"])
        if found is None:
            raise self.model.DoesNotExist("Person matching query does not exist.")
        return found

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """An account.  Other people see ``display_name`` and ``number``, nothing else."""

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    phone = models.CharField(_("mobile number"), max_length=20, null=True, blank=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    display_name = models.CharField(_("name shown to others"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("verification"), choices=Level, default=Level.REGISTERED)
    residence = models.ForeignKey(
        "civic_places.Place", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("where you live")
    )
    is_active = models.BooleanField(default=True)
    is_imported = models.BooleanField(
        default=False, help_text=_("A pseudonymous participant of an imported conversation; cannot sign in.")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    elder_mode = models.BooleanField(_("elder mode"), default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    erase_after = models.DateTimeField(
        null=True, blank=True, help_text=_("Asked to be forgotten, from this moment on.")
    )
    erased_at = models.DateTimeField(null=True, blank=True, help_text=_("Since when this is a nameless tombstone."))

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
            models.CheckConstraint(
                condition=models.Q(is_imported=False) | models.Q(is_active=False, email=None, phone=None),
                name="imported_people_cannot_sign_in",
            ),
            # Django and Wagtail let superusers pass every check; powers here are grants, for everybody.
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_a_superuser"),
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(is_active=False, email=None, phone=None, display_name="", residence=None, level=0),
                name="erased_people_are_nameless",
            ),
        ]
        indexes = [
            # whose time to sleep over it has ended
            models.Index(fields=["erase_after"], condition=models.Q(erase_after__isnull=False), name="person_to_erase"),
        ]

    def __str__(self) -> str:
        return self.public_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # an account without an address: libraries write "", of which only one would fit
        self.email = self.email or None
        self.phone = self.phone or None
        super().save(*args, **kwargs)

    @property
    def public_name(self) -> str:
        """The name others see; people who chose none are neighbours."""
        if self.erased_at is not None:
            return gettext("Deleted account")
        return self.display_name or gettext("A neighbour")

    def get_full_name(self) -> str:
        return self.public_name

    def get_short_name(self) -> str:
        return self.public_name

    def get_username(self) -> str:
        return self.email or self.phone or str(self.number)


_BY_PK: Question[Person] = Question(
    lambda pk: Person.objects.select_related("residence").filter(pk=pk), pk=int
)  # fmt: skip


class Verification(models.Model):
    """How and when a person reached a level; the person's row keeps the highest."""

    class Method(models.TextChoices):
        EMAIL = "email", _("code by e-mail")
        PHONE = "phone", _("code by text message")
        DOCUMENT = "document", _("document seen by a clerk")
        STATION = "station", _("in person at a station")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="verifications")
    level = models.PositiveSmallIntegerField(choices=Level)
    method = models.CharField(max_length=10, choices=Method)
    verified_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.get_level_display()}"


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def in_force(self, at: datetime) -> "SuspensionQuerySet":
        """Return the suspensions that hold at an instant."""
        return self.filter(starts_at__lte=at).filter(models.Q(ends_at=None) | models.Q(ends_at__gt=at))


class Suspension(models.Model):
    """A time during which a person may read but not act.  Half-open; ended, never deleted."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="suspensions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    imposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="suspension_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.starts_at:%Y-%m-%d}"
