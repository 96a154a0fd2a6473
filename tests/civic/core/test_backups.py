"""A backup that is damaged, too new or of another kind is refused before anything is touched."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from civic.core import backups
from civic.core.dumps import Unusable, dump_of
from civic.people.models import Person
from dev.processes import free_port


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for media."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def a_backup(db: None, media: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write what looks like a whole backup of this database: ``a_backup(version="9")``."""

    def make(**changes: Any) -> Path:
        folder = tmp_path / "backup"
        (folder / "media" / "documents").mkdir(parents=True)
        dump = dump_of(connection)
        (folder / dump.file).write_bytes(b"rows")
        (folder / "media" / "documents" / "plan.pdf").write_bytes(b"%PDF")
        manifest = {
            "product": "gongyi", "format": backups.FORMAT, "version": "0.1.0", "at": "2026-11-12T02:00:00+00:00",
            "database": dump.kind, "server": dump.server(), "migrations": ["civic_people.0001_initial"],
            "files": {name: backups._told(path) for name, path in backups._files(folder)},
        } | changes  # fmt: skip
        manifest["seal"] = backups._seal(manifest)
        (folder / backups.MANIFEST).write_text(json.dumps(manifest))
        return folder

    return make


def refusal(source: Path) -> str:
    with pytest.raises(Unusable) as refused:
        backups.restore(source, progress=lambda _message: None)
    return str(refused.value)


def damage(name: str, content: bytes | None) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        path = folder / name.format(dump=dump_of(connection).file)
        path.unlink() if content is None else path.write_bytes(content)

    return run


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (damage("{dump}", b"rowz"), "was changed"),
        (damage("{dump}", b"ro"), "was changed"),
        (damage("{dump}", None), "is missing"),
        (damage("media/documents/plan.pdf", b""), "was changed"),
        (damage("media/documents/plan.pdf", None), "is missing"),
        (damage("media/more.txt", b"?"), "does not belong to it"),
        (damage("manifest.json", None), "cannot be read"),
        (damage("manifest.json", b"{"), "is damaged"),
        (damage("manifest.json", b"[]"), "no backup of this product"),
        (damage("manifest.json", b"\xff\xfe"), "is damaged"),
    ],
)
def test_a_damaged_backup_is_refused(a_backup: Callable[..., Path], media: Path, harm: Any, said: str) -> None:
    folder = a_backup()
    harm(folder)

    assert said in refusal(folder)
    assert not media.exists()


def test_a_manifest_that_was_edited_is_refused(a_backup: Callable[..., Path]) -> None:
    folder = a_backup()
    manifest = folder / backups.MANIFEST
    manifest.write_text(manifest.read_text().replace("2026-11-12", "2026-11-13"))

    assert "its seal does not fit" in refusal(folder)


def test_a_link_in_a_backup_is_not_followed(a_backup: Callable[..., Path]) -> None:
    folder = a_backup()
    (folder / "media" / "documents" / "plan.pdf").unlink()
    (folder / "media" / "documents" / "plan.pdf").symlink_to("/etc/passwd")

    assert "is a link" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "has format 2"),
        ({"product": "another"}, "no backup of this product"),
        ({"database": "mysql"}, "the backup is of mysql"),
        ({"migrations": ["civic_people.9999_tomorrow"], "version": "9.0"}, "comes from a newer version (9.0"),
        ({"server": "99.1"}, "was made on"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(a_backup: Callable[..., Path], changes: Any, said: str) -> None:
    assert said in refusal(a_backup(**changes))


def test_a_filled_database_is_not_overwritten(a_backup: Callable[..., Path], media: Path) -> None:
    before = Person.objects.count()

    assert "holds tables already" in refusal(a_backup())
    assert (Person.objects.count(), media.exists()) == (before, False)


def test_media_are_not_overwritten(a_backup: Callable[..., Path], media: Path) -> None:
    media.mkdir()
    (media / "mine.txt").write_text("mine")

    assert "holds files already" in refusal(a_backup())
    assert [path.name for path in media.iterdir()] == ["mine.txt"]


@pytest.mark.django_db
def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path, at: datetime, monkeypatch: Any) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device", "media/plan.pdf")

    monkeypatch.setattr(backups, "_copy_media", full)
    monkeypatch.setattr("civic.core.dumps.PostgreSQL.write", lambda *_a, **_k: [])
    monkeypatch.setattr("civic.core.dumps.SQLite.write", lambda *_a, **_k: [])
    with pytest.raises(Unusable, match="No space left on device"):
        backups.back_up(tmp_path / "backup", at=at, progress=lambda _message: None)

    assert list(tmp_path.iterdir()) == []


def test_without_its_cache_nothing_is_restored(
    a_backup: Callable[..., Path], media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = f"redis://127.0.0.1:{free_port()}/0"
    settings.REDIS_URL = redis
    settings.CACHES = {
        "default": {"BACKEND": "civic.core.redis_cache.RedisOrDatabase", "LOCATION": redis},
        "second": settings.IN_DATABASE,
    }
    folder = a_backup()
    monkeypatch.setattr(type(dump_of(connection)), "is_filled", lambda _dump: False)

    assert refusal(folder) == "the cache does not answer (ConnectionError): look at REDIS_URL"
    assert not media.exists()
