"""What every environment shares.  Values that differ come from the environment."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.settings import env, site

BASE_DIR = Path(__file__).resolve().parents[2]
HOME = env.folder("GONGYI_HOME", default=BASE_DIR / ".gongyi")
BASE_URL = env.text("BASE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")

INSTALLED_APPS = [
    "civic.core",
    "civic.ui",
    "civic.audit",
    "civic.events",
    "civic.places",
    "civic.people",
    "civic.access",
    "civic.notify",
    "civic.policies",
    "search",
    "orgs.bodies",
    "orgs.grants",
    "consult.consultations",
    "consult.discussion",
    "consult.opinions",
    "consult.voting",
    "consult.moderation",
    "consult.replies",
    "consult.reports",
    "consult.desk",
    "consult.me",
    "consult.record",
    "consult.demo",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "vote",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "civic.core.page_cache.PageCacheMiddleware",
    "civic.core.tracing.RequestMiddleware",
    "civic.core.security.SecurityHeadersMiddleware",
    "civic.core.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "civic.core.clock.RequestTimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "civic.access.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "civic.ui.middleware.PresentationMiddleware",
    "civic.core.limits.LimitsMiddleware",
    "civic.access.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "civic.urls"
WSGI_APPLICATION = "civic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "civic.ui.context.page",
                "civic.notify.context.notices",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "civic.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "civic.ui.forms.FormRenderer"

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{HOME / 'gongyi.sqlite3'}")}
# PostgreSQL keeps the plans of what every request asks (civic.core.asking); not behind a pooler that cannot.
DATABASE_PREPARES = env.flag("DATABASE_PREPARES", default=True)
# Kept apart from everything else, and from each other (civic.core.attached): first who voted, then the ballots.
ROOMS = ("ballot_roll", "ballot_box")
BALLOTS_NEED_OWNERS = False  # whether `prove` misses the roles that own them on PostgreSQL
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "")
# allauth keeps rate limits and its replay guard here; several web processes must share them.
# Django would throw a third of all away beyond 300 entries, limits and used codes among them.
IN_DATABASE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "civic_cache",
    "OPTIONS": {"MAX_ENTRIES": 200_000},
}
CACHES: dict[str, Any] = {"default": IN_DATABASE}
if REDIS_URL:
    # While Redis does not answer the database does: people sign in, and guess no more often.
    CACHES = {
        "default": {"BACKEND": "civic.core.redis_cache.RedisOrDatabase", "LOCATION": REDIS_URL},
        "second": IN_DATABASE,
    }

# Pages everybody may share (docs/decisions/0012-shared-pages.md)
PAGE_CACHE = env.flag("PAGE_CACHE", default=True)
PAGE_CACHE_COOKIES = {"gongyi_elder": {"1"}, "gongyi_theme": {"light", "dark"}}  # and the language's
# Writes no visitor sees; every other one outdates the pages kept.
CHANGES_UNSEEN = (
    "account_",
    "ballot_",  # nothing dates a ballot
    "civic_access_",
    "civic_cache",
    "civic_core_change",
    "civic_core_tally",
    "civic_events_",
    "civic_notify_",
    "civic_people_suspension",
    "civic_people_verification",
    "consult_consultations_follow",
    "consult_discussion_draft",
    "django_",
    "mfa_",
)
CHANGES_UNSEEN_STATEMENTS = (
    'UPDATE "civic_people_person" SET "last_login" = ',
    'UPDATE "civic_people_person" SET "language" = ',
    'INSERT INTO "civic_people_person" ',  # nobody sees an account before it says something
)
CHANGES_OF_TABLES = {"search_": "search", "civic_audit_": "record"}

# People
AUTH_USER_MODEL = "civic_people.Person"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "civic.access.backends.GrantBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
ACCOUNT_ADAPTER = "civic.people.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "civic.people.forms.LoginForm",
    "request_login_code": "civic.people.forms.RequestLoginCodeForm",
    "signup": "civic.people.forms.SignupForm",
    "change_password": "civic.people.password_forms.ChangePasswordForm",
    "set_password": "civic.people.password_forms.SetPasswordForm",
    "reset_password": "civic.people.password_forms.ResetPasswordForm",
    "reset_password_from_key": "civic.people.password_forms.ResetPasswordKeyForm",
    "reauthenticate": "civic.people.password_forms.ReauthenticateForm",
    "add_email": "civic.people.password_forms.AddEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# Our form asks for one of the two addresses; the star is what allauth's checks want.
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD: str | None = None
# A code before the first sign-in, so that known and unknown addresses get the same answer.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_TIMEOUT = 1800
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Many people share the address of a library: limits lean on the account (key), not on the place.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/m/ip,5/300s/key",
    "signup": "100/m/ip",
    "request_login_code": "100/m/ip,3/m/key,20/d/key",
    "reset_password": "100/m/ip,5/m/key,20/d/key",
    "confirm_email": "1/10s/key",
    "verify_phone": "1/30s/key,20/d/key,60/m/ip",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
# The second factor: before any power opens (civic.access.second_factor), and for whoever wants it.
MFA_ADAPTER = "civic.people.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "civic.people.factor_forms.CodeForm",
    "reauthenticate": "civic.people.factor_forms.CodeAgainForm",
    "activate_totp": "civic.people.factor_forms.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # clocks of old telephones; civic.people.factor_forms keeps a code from being used twice

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "gongyi_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["civic.ui.formats"]

# Files
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", default=HOME / "static")
MEDIA_URL = "/media/"
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail and text messages: written to HOME/outbox unless EMAIL_URL names a server.
EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
globals().update(env.email("EMAIL_URL") or {})
EMAIL_TIMEOUT = 20  # well under the lease of a message being sent
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "共议 <no-reply@gongyi.example>")
# A provider with an HTTP address takes text messages; what it is sent is in civic.notify.gateways.
SMS_HTTP_URL = env.text("SMS_HTTP_URL", "")
SMS_HTTP_TOKEN = env.text("SMS_HTTP_TOKEN", "")
SMS_GATEWAY = env.text(
    "SMS_GATEWAY", "civic.notify.gateways.HttpGateway" if SMS_HTTP_URL else "civic.notify.outbox.OutboxGateway"
)
OUTBOX = HOME / "outbox"
# Mail servers and providers report here what came back: POST /notices/bounces/, bearer of this secret.
BOUNCE_SECRET = env.text("BOUNCE_SECRET", "")
# The mailbox that takes what comes back (the envelope's sender); empty: that of DEFAULT_FROM_EMAIL.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS", "")
# Nothing but codes and warnings is sent in these hours (people may choose others); empty: at any hour.
QUIET_HOURS = env.hours("QUIET_HOURS", default="21-8")
DIGEST_HOUR = 18
# Webhooks go to public https addresses only.
WEBHOOKS_INSIDE = False

# Tasks: rows and a sweeper are the truth, the broker only saves waiting.
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(HOME / "queue" / "in"),
        "data_folder_out": str(HOME / "queue" / "in"),
        "control_folder": str(HOME / "queue" / "ctl"),
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    # A task whose worker was killed is handed out again after this; longer than any task takes.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Our tasks look at rows first, so one that ran may run again: better than one that never ran.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "erase-people": {"task": "civic.people.tasks.erase_due", "schedule": 600.0},
    "heartbeat": {"task": "civic.core.tasks.heartbeat", "schedule": 15.0},
    "forget-ended-sessions": {"task": "civic.access.tasks.forget_ended_sessions", "schedule": 3600.0},
    "forget-tallies": {"task": "civic.core.tasks.forget_tallies", "schedule": 6 * 3600.0},
    "polls-by-the-clock": {"task": "consult.voting.tasks.by_the_clock", "schedule": 10.0},
    "recounts": {"task": "consult.voting.tasks.recounts", "schedule": 10.0},
    "record-phases": {"task": "consult.consultations.tasks.record_phases", "schedule": 20.0},
    "forget-old-changes": {"task": "civic.core.tasks.forget_old_changes", "schedule": 600.0},
    "purge-drafts": {"task": "consult.discussion.tasks.purge_drafts", "schedule": 6 * 3600.0},
    "publish-scheduled-policies": {"task": "civic.policies.tasks.publish_scheduled", "schedule": 30.0},
    "sweep-deliveries": {"task": "civic.events.tasks.sweep", "schedule": 20.0},
    "sweep-messages": {"task": "civic.notify.tasks.sweep", "schedule": 20.0},
    "sweep-webhooks": {"task": "civic.notify.tasks.sweep_webhooks", "schedule": 20.0},
    "seal-record": {"task": "civic.audit.tasks.seal", "schedule": 15.0},
}
# After a day without a worker one round of each is enough: older ones are thrown away unread, and no code waits for them.
for _round in CELERY_BEAT_SCHEDULE.values():
    _round["options"] = {"expires": max(60.0, float(str(_round["schedule"])))}

# Voting (docs/decisions/0017-roll-and-box.md): what polls' signing keys are sealed with, and whose clock closes the box.
BALLOT_KEY = env.text("BALLOT_KEY", "local-only-ballot-key")
BALLOT_TIME_IS_GIVEN = False

# Wagtail
WAGTAIL_SITE_NAME = "共议 Gongyi"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
# Plain substrings: the full-text engines know no Chinese words, and SQLite's breaks at a full stop.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database.fallback"}}
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_IMAGE_FORM_BASE = "civic.policies.uploads.ImageForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "odt", "ods", "csv", "txt"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "civic.policies.uploads.DocumentForm"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
WAGTAILEMBEDS_FINDERS: list[dict[str, Any]] = []  # texts are plain, and no page asks other sites for anything
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # never the storage's own address

# Search: Elasticsearch when its address is given, the embedded engine otherwise.
ELASTICSEARCH_URL = env.text("ELASTICSEARCH_URL", "")

# Browser-side safety
SESSION_ENGINE = "civic.core.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "civic.ui.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY: str | None = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# Limits (civic.core.limits): whose X-Forwarded-For is believed, and which addresses many people share.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
SHARED_NETWORKS = env.networks("SHARED_NETWORKS")
# How long nobody needs less for a form of their first words here (civic.ui.guarding); 0 asks for no time.
FORM_SECONDS = env.number("FORM_SECONDS", default=2, least=0)
RATE_LIMIT_FACTOR = env.number("RATE_LIMIT_FACTOR", default=1, least=1)

# Who runs this site: shown in the strip, the help box and the footer.
SITE = site.identity(example=True)

# Watching: who may read /metrics, where processes count, and the file that says "send nobody here any more".
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS", default=("127.0.0.0/8", "::1/128"))
METRICS_DIR = env.folder("METRICS_DIR", default=HOME / "run" / "metrics")
DRAIN_FILE = env.folder("DRAIN_FILE", default=HOME / "run" / "draining")

DEMO = False
SETTINGS_ARE_FOR_TESTS = False
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "kombu": {"level": "ERROR"},
        "civic": {"level": "INFO"},
        "consult": {"level": "INFO"},
        "orgs": {"level": "INFO"},
    },
}
