from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignIn(models.Model):
    """One browser a person is signed in with: since when, last used on which day, on what kind of device.

    No network address is kept, and of the browser only its kind.  The row goes
    with its session.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        default_permissions = ()
        indexes = [models.Index(fields=["person", "-used_at"], name="sign_in_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} since {self.began_at:%Y-%m-%d}"

    def device_words(self) -> str:
        """What the person knows the device by."""
        browser, _slash, system = self.device.partition("/")
        if not system:
            return str(_("a device we do not know"))
        return str(_("%(browser)s on %(system)s") % {"browser": browser, "system": system})


def kind_of_device(user_agent: str) -> str:
    """Return browser and system of a browser's description, as ``Chrome/Android``; nothing when unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser}/{system}" if browser and system else ""


_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("HuaweiBrowser", "Huawei Browser"), ("MiuiBrowser", "Mi Browser"),
    ("QQBrowser", "QQ Browser"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
