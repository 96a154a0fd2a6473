"""A public installation.  Refuses to start half-configured, and says what to set."""

from django.core.exceptions import ImproperlyConfigured

from civic.settings import env, site
from civic.settings.base import *  # noqa: F403
from civic.settings.base import ALLOWED_HOSTS, BASE_URL, DATABASES

DEBUG = False
if env.flag("DEBUG", default=False):
    raise ImproperlyConfigured("DEBUG shows strangers the inside of the site: unset it in production.")

SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short: set at least 50 random characters.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names people use, for example gongyi.example.gov.cn.")
if not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("Set BASE_URL to the public address, starting with https://.")
if "sqlite" in DATABASES["default"]["ENGINE"] and not env.flag("ALLOW_SQLITE", default=False):
    raise ImproperlyConfigured("Set DATABASE_URL to a PostgreSQL database, or ALLOW_SQLITE=yes for a small town.")

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
# Browsers take a cookie of such a name from this very host only, and over TLS only.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# The web processes are reached through our own proxy only, which stands in a private network.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default=("private",))

# Only what was set: an invented county's numbers must never stand on a real site.
SITE = site.identity(example=False)
