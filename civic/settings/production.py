"""A public installation.  Refuses to start half-configured, and says all that is missing at once."""

from django.core.exceptions import ImproperlyConfigured

from civic.settings import env, refusals, site
from civic.settings.base import *  # noqa: F403
from civic.settings.base import BASE_URL
from civic.settings.base import LOGGING as BASE_LOGGING

SECRET_KEY = env.text("SECRET_KEY", "")
# Former keys still open sessions and links until they run out; see docs/operations.md.
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")

if missing := list(refusals.refusals(globals())):
    raise ImproperlyConfigured("\n".join(["This site is not configured yet:", *missing]))

DEBUG = False
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
# Browsers take a cookie of such a name from this very host only, and over TLS only.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# The web processes are reached through our own proxy only, which stands in a private network.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default=("private",))

BALLOTS_NEED_OWNERS = True

# Only what was set: an invented county's numbers must never stand on a real site.
SITE = site.identity(example=False)

LOGGING = BASE_LOGGING | {
    "formatters": {"json": {"()": "civic.core.logs.JsonFormatter"}},
    "filters": {"said already": {"()": "civic.core.logs.SaidAlready"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": BASE_LOGGING["loggers"] | {"django.request": {"filters": ["said already"]}},
}
