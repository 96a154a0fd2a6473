"""What a public installation must have set; each sentence names the variable and what to write there.

Pure functions of what was read, so that every refusal has its test.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from civic.settings import env

#: Keys that stand in this repository; one of them in production is no secret at all.
KNOWN_KEYS = ("local-only-key", "test-only-key", "django-insecure", "change", "secret")
#: Whoever guesses such a token is let in without another question.
SHORTEST_TOKEN = 32
BROKERS = {"redis", "rediss", "amqp", "amqps"}
CACHES = {"redis", "rediss", "unix"}


def refusals(read: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each thing that is missing or unsafe in the settings that were read."""
    yield from _secrets(read)
    yield from _ballot_key(read)
    yield from _addresses(read)
    yield from _parts(read)
    yield from _senders(read)


def _secrets(read: Mapping[str, Any]) -> Iterator[str]:
    if env.flag("DEBUG", default=False):
        yield "DEBUG shows strangers the inside of the site: unset it in production."
    if env.flag("GONGYI_DEMO", default=False):
        yield "GONGYI_DEMO gives everybody accounts with a known password: unset it in production."
    key = env.text("SECRET_KEY", "")
    if not key:
        yield "Set SECRET_KEY to at least 50 random characters, for example from: openssl rand -base64 48."
    elif len(key) < 50 or len(set(key)) < 12:
        yield "SECRET_KEY is too easy to guess: set at least 50 random characters, for example openssl rand -base64 48."
    elif key.lower().startswith(KNOWN_KEYS):
        yield "SECRET_KEY is an example that everybody can read: set at least 50 random characters of your own."
    if any(len(old) < 50 for old in read["SECRET_KEY_FALLBACKS"]):
        yield "SECRET_KEY_FALLBACKS takes former values of SECRET_KEY, separated by commas; one of them is too short."
    for name in ("BOUNCE_SECRET", "METRICS_TOKEN"):
        if 0 < len(read[name]) < SHORTEST_TOKEN:
            yield f"{name} is too easy to guess: set at least 32 random characters, for example openssl rand -hex 24."


def _ballot_key(read: Mapping[str, Any]) -> Iterator[str]:
    ballots = env.text("BALLOT_KEY", "")
    if len(ballots) < 32 or len(set(ballots)) < 12:
        yield "Set BALLOT_KEY to at least 32 random characters of its own, for example from: openssl rand -base64 48; signatures of polls depend on it."
    elif ballots == env.text("SECRET_KEY", ""):
        yield "BALLOT_KEY must not be SECRET_KEY: set another one, for example from: openssl rand -base64 48."


def _addresses(read: Mapping[str, Any]) -> Iterator[str]:
    hosts = read["ALLOWED_HOSTS"]
    if not hosts:
        yield "Set ALLOWED_HOSTS to the names people use, for example gongyi.example.gov.cn."
    if "*" in hosts:
        yield "ALLOWED_HOSTS must name the names people use; * lets others forge links in our mails."
    base = urlsplit(read["BASE_URL"])
    if base.scheme != "https" or not base.hostname:
        yield "Set BASE_URL to the public address, starting with https://."
    elif hosts and "*" not in hosts and not _is_allowed(base.hostname, hosts):
        yield f"BASE_URL leads to {base.hostname}, which ALLOWED_HOSTS does not name: add it there."


def _is_allowed(host: str, allowed: list[str]) -> bool:
    return any(host == name or (name.startswith(".") and (host + ".").endswith(name + ".")) for name in allowed)


def _parts(read: Mapping[str, Any]) -> Iterator[str]:
    small_town = env.flag("ALLOW_SQLITE", default=False)
    one_machine = small_town or env.flag("ALLOW_EMBEDDED", default=False)
    if "sqlite" in read["DATABASES"]["default"]["ENGINE"] and not small_town:
        yield "Set DATABASE_URL to a PostgreSQL database, or ALLOW_SQLITE=yes for a small town."
    redis = read["REDIS_URL"]
    if redis and urlsplit(redis).scheme not in CACHES:
        yield "REDIS_URL must start with redis://, rediss:// or unix://."
    if not redis and not one_machine:
        yield "Set REDIS_URL to a Redis server, or ALLOW_EMBEDDED=yes when everything runs on one machine."
    broker = read["CELERY_BROKER_URL"]
    if broker == "filesystem://" and not one_machine:
        yield "Set CELERY_BROKER_URL to a Redis or RabbitMQ server, or ALLOW_EMBEDDED=yes when everything runs on one machine."
    elif broker != "filesystem://" and urlsplit(broker).scheme not in BROKERS:
        yield "CELERY_BROKER_URL must start with redis://, rediss://, amqp:// or amqps://."
    if env.text("MEDIA_URL_S3", ""):
        yield "MEDIA_URL_S3 is not supported by this version: unset it; files are kept in GONGYI_HOME/media."


def _senders(read: Mapping[str, Any]) -> Iterator[str]:
    if read["EMAIL_BACKEND"].endswith("outbox.EmailBackend") and not env.text("EMAIL_URL", ""):
        yield "Set EMAIL_URL to your mail server, for example smtp+tls://user:password@mail.example.gov.cn:587, or outbox: to write mails into files."
    if not env.text("DEFAULT_FROM_EMAIL", ""):
        yield "Set DEFAULT_FROM_EMAIL to the sender of our mails, for example 共议 <no-reply@gongyi.example.gov.cn>."
    if read["SMS_GATEWAY"].endswith("OutboxGateway") and not env.text("SMS_GATEWAY", ""):
        yield (
            "Set SMS_HTTP_URL to your text-message provider, or SMS_GATEWAY=civic.notify.outbox.OutboxGateway"
            " to write text messages into files."
        )
    if not env.text("SITE_PLACE", ""):
        yield "Set SITE_PLACE to the name of the county or city whose site this is."
    if not env.text("SITE_ORGANISER", ""):
        yield "Set SITE_ORGANISER to the authority that answers for this site."
