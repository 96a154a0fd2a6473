"""What a public installation must have set; each sentence names the variable and what to write there.

Pure functions of what was read, so that every refusal has its test.
"""

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from importlib.util import find_spec
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
    base = env.url("BASE_URL", read["BASE_URL"])
    if base.scheme != "https" or not base.hostname:
        yield "Set BASE_URL to the public address, starting with https://."
    elif base.path or base.query or base.fragment or base.username:
        yield "BASE_URL takes the address alone, such as https://gongyi.example.gov.cn: the site stands at its root."
    elif hosts and "*" not in hosts and not _is_allowed(base.hostname, hosts):
        yield f"BASE_URL leads to {base.hostname}, which ALLOWED_HOSTS does not name: add it there."
    if any(network.prefixlen == 0 for network in read["TRUSTED_PROXIES"]):
        yield "TRUSTED_PROXIES must name our own proxies; every network there is lets strangers choose their address."


def _is_allowed(host: str, allowed: list[str]) -> bool:
    return any(host == name or (name.startswith(".") and (host + ".").endswith(name + ".")) for name in allowed)


def _parts(read: Mapping[str, Any]) -> Iterator[str]:
    small_town = env.flag("ALLOW_SQLITE", default=False)
    one_machine = small_town or env.flag("ALLOW_EMBEDDED", default=False)
    if "sqlite" in read["DATABASES"]["default"]["ENGINE"] and not small_town:
        yield "Set DATABASE_URL to a PostgreSQL database, or ALLOW_SQLITE=yes for a small town."
    redis = read["REDIS_URL"]
    if redis and env.url("REDIS_URL", redis).scheme not in CACHES:
        yield "REDIS_URL must start with redis://, rediss:// or unix://."
    elif redis and not _names_a_number(redis):
        yield "REDIS_URL ends with the number of a database, such as redis://:password@host:6379/0."
    if not redis and not one_machine:
        yield "Set REDIS_URL to a Redis server, or ALLOW_EMBEDDED=yes when everything runs on one machine."
    broker = read["CELERY_BROKER_URL"]
    if broker == "filesystem://" and not one_machine:
        yield "Set CELERY_BROKER_URL to a Redis or RabbitMQ server, or ALLOW_EMBEDDED=yes when everything runs on one machine."
    elif broker != "filesystem://" and env.url("CELERY_BROKER_URL", broker).scheme not in BROKERS:
        yield "CELERY_BROKER_URL must start with redis://, rediss://, amqp:// or amqps://."
    elif broker.startswith("redis") and not _names_a_number(broker):
        yield "CELERY_BROKER_URL ends with the number of a database, such as redis://:password@host:6379/1."
    if env.text("MEDIA_URL_S3", ""):
        yield "MEDIA_URL_S3 is not supported by this version: unset it; files are kept in GONGYI_HOME/media."


def _names_a_number(redis: str) -> bool:
    """Tell whether what stands after the host is the number of a database, or nothing; of a socket it is its path."""
    parts = urlsplit(redis)
    number = parts.path.strip("/")
    return parts.scheme == "unix" or not number or number.isdecimal()


def _senders(read: Mapping[str, Any]) -> Iterator[str]:
    if read["EMAIL_BACKEND"].endswith("outbox.EmailBackend") and not env.text("EMAIL_URL", ""):
        yield "Set EMAIL_URL to your mail server, for example smtp+tls://user:password@mail.example.gov.cn:587, or outbox: to write mails into files."
    if not _is_mailbox(env.text("DEFAULT_FROM_EMAIL", "")):
        yield "Set DEFAULT_FROM_EMAIL to the sender of our mails, for example 共议 <no-reply@gongyi.example.gov.cn>."
    if read["BOUNCE_ADDRESS"] and not _is_mailbox(read["BOUNCE_ADDRESS"]):
        yield "BOUNCE_ADDRESS is no address of a mailbox: write one, for example bounces@gongyi.example.gov.cn."
    if read["SMS_GATEWAY"].endswith("OutboxGateway") and not env.text("SMS_GATEWAY", ""):
        yield (
            "Set SMS_HTTP_URL to your text-message provider, or SMS_GATEWAY=civic.notify.outbox.OutboxGateway"
            " to write text messages into files."
        )
    elif not _is_there(read["SMS_GATEWAY"]):
        yield "SMS_GATEWAY leads nowhere: write the path of a class, for example civic.notify.gateways.HttpGateway."
    if read["SMS_HTTP_URL"] and env.url("SMS_HTTP_URL", read["SMS_HTTP_URL"]).scheme not in {"http", "https"}:
        yield "SMS_HTTP_URL must start with https://, or http:// inside your own network."
    if not env.text("SITE_PLACE", ""):
        yield "Set SITE_PLACE to the name of the county or city whose site this is."
    if not env.text("SITE_ORGANISER", ""):
        yield "Set SITE_ORGANISER to the authority that answers for this site."


def _is_mailbox(written: str) -> bool:
    return "@" in parseaddr(written)[1].strip("@") and not set("\r\n") & set(written)


def _is_there(path: str) -> bool:
    """Tell whether there is a module to take a class from; it is not run, for it may read these settings."""
    module, dot, _name = path.rpartition(".")
    try:
        return bool(dot) and find_spec(module) is not None
    except (ImportError, ValueError):
        return False
