"""A laptop or the demo: embedded parts, no secrets to set."""

from civic.settings import env
from civic.settings.base import *  # noqa: F403
from civic.settings.base import ALLOWED_HOSTS, STORAGES

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("GONGYI_DEMO", default=True)
SECRET_KEY = env.text("SECRET_KEY", "local-only-key-never-used-in-production")
ALLOWED_HOSTS = ALLOWED_HOSTS or ["*"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "civic.core.statics.QuickStorage"}}
# Whoever tries the site at night wants to see its mails, and a receiver of webhooks on the same machine.
QUIET_HOURS = env.hours("QUIET_HOURS", default="none")
WEBHOOKS_INSIDE = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # browsers warn about it on plain http
FORM_SECONDS = env.number("FORM_SECONDS", default=0)  # scripts that try the site are quicker than people
