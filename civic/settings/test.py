"""The test suite: real parts on private ports, fast password hashing, nothing outgoing."""

from civic.settings import env
from civic.settings.base import *  # noqa: F403
from civic.settings.base import DATABASES, STORAGES

DEBUG = False
DEMO = env.flag("GONGYI_DEMO", default=False)
SETTINGS_ARE_FOR_TESTS = True
SECRET_KEY = env.text("SECRET_KEY", "test-only-key")
ALLOWED_HOSTS = ["*"]
# How long a worker has run decides nothing.
DATABASES["default"]["CONN_MAX_AGE"] = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
# The suite runs at any hour; tests of quiet hours set them.
QUIET_HOURS = None
PAGE_CACHE = False  # a page kept from one test would answer in the next; its own tests turn it on
FORM_SECONDS = env.number("FORM_SECONDS", default=0)  # scripts that try the site are quicker than people
BALLOT_TIME_IS_GIVEN = True  # tests live at any instant; the database says no at theirs
