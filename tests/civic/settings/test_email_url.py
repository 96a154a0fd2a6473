import pytest
from django.core.exceptions import ImproperlyConfigured

from civic.settings import env


def test_a_mail_url_names_server_account_and_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://gongyi%40x:p%2Fw@mail.example:2525")
    mail = env.email("EMAIL_URL")
    assert mail is not None
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"]) == ("mail.example", 2525, True)
    assert (mail["EMAIL_HOST_USER"], mail["EMAIL_HOST_PASSWORD"]) == ("gongyi@x", "p/w")


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 25), ("smtp+tls", 587), ("smtps", 465)])
def test_each_way_has_its_usual_port(monkeypatch: pytest.MonkeyPatch, scheme: str, port: int) -> None:
    monkeypatch.setenv("EMAIL_URL", f"{scheme}://mail.example")
    assert (env.email("EMAIL_URL") or {})["EMAIL_PORT"] == port


def test_an_empty_variable_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "")
    assert env.email("EMAIL_URL") is None


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:x"])
def test_a_wrong_url_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        env.email("EMAIL_URL")
