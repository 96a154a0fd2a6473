"""A backup: the database and the media of one moment, with a manifest that proves them whole.

See docs/decisions/0014-backups-in-the-databases-own-form.md.  What can be made anew
(the search index, the cache) and what must not come back (sessions) is left out.
"""

import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from civic.core import redis_cache
from civic.core.dumps import Dump, Unusable, dump_of

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media"
Progress = Callable[[str], None]

_left_out: set[str] = {"django_session"}
_rebuilders: list[str] = []
_completers: list[tuple[str, Callable[[], object]]] = []


def completed_by(name: str, complete: Callable[[], object]) -> None:
    """Call ``complete`` after a restore, when everything is rebuilt, to do what a task had not done at the backup."""
    _completers.append((name, complete))


def rebuilt_by(command: str, *tables: str) -> None:
    """Leave the rows of these tables out of backups: after a restore the management command makes them anew."""
    _left_out.update(tables)
    _rebuilders.append(command)


def back_up(target: Path, *, at: datetime, progress: Progress) -> dict[str, Any]:
    """Write a backup to ``target`` and return its manifest; the site may go on meanwhile.

    Raises ``Unusable`` and leaves nothing behind when ``target`` holds
    something already, cannot be written, or the database could not be read.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Unusable(f"{target} holds something already: name a new or an empty folder")
    if not target.parent.is_dir():
        raise Unusable(f"there is no folder {target.parent}")
    with _beside(target) as unfinished:
        dump = dump_of(connection)
        progress("database")
        migrations = dump.write(unfinished / dump.file, leaving_out=sorted(_left_out | _cache_tables()))
        # Files are written before the rows that name them: copied after the database, none is missing.
        _copy_media(Path(settings.MEDIA_ROOT), unfinished / MEDIA, progress)
        manifest = {
            "product": "gongyi",
            "format": FORMAT,
            "version": version(),
            "at": at.isoformat(),
            "database": dump.kind,
            "server": dump.server(),
            "migrations": migrations,
            "files": {name: _told(path) for name, path in _files(unfinished)},
        }
        manifest["seal"] = _seal(manifest)
        (unfinished / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        unfinished.replace(target)
    return manifest


def restore(source: Path, *, progress: Progress) -> dict[str, Any]:
    """Fill the empty database and the empty media folder from a backup, and return its manifest.

    An older backup is migrated to this version.  Raises ``Unusable``, having
    changed nothing, when the backup is damaged, newer than this code, or of
    another kind of database, when the target is not empty, and when the cache
    does not answer.
    """
    manifest = read(source)
    dump = dump_of(connection)
    _check_fits(manifest, dump)
    _check_whole(source, manifest, progress)
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and (not media.is_dir() or any(media.iterdir())):
        raise Unusable(f"{media} holds files already: a restore needs it empty")
    if dump.is_filled():
        raise Unusable("the database holds tables already: a restore needs an empty one")
    _check_cache()
    media.parent.mkdir(parents=True, exist_ok=True)
    with _beside(media) as unfinished:
        _copy_media(source / MEDIA, unfinished, progress)
        progress("database")
        connections.close_all()
        dump.read(source / dump.file)
        unfinished.chmod(0o755)  # a web server may read it, unlike a backup
        unfinished.replace(media)
    progress("migrations")
    call_command("migrate", interactive=False, verbosity=0)
    for command in _rebuilders:
        progress(command)
        call_command(command, verbosity=0, stdout=_Silence())
    for name, complete in _completers:
        progress(name)
        complete()
    return manifest


def read(source: Path) -> dict[str, Any]:
    """Return the manifest of a backup, or raise ``Unusable`` when it is none or was changed."""
    try:
        manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{source} is no backup: {MANIFEST} cannot be read: {error.strerror}") from None
    except ValueError:
        raise Unusable(f"{source / MANIFEST} is damaged") from None
    if not isinstance(manifest, dict) or manifest.get("product") != "gongyi":
        raise Unusable(f"{source} is no backup of this product")
    if manifest.get("format") != FORMAT:
        raise Unusable(f"{source} has format {manifest.get('format')}; this version reads {FORMAT}")
    if manifest.pop("seal", None) != _seal(manifest):
        raise Unusable(f"{source / MANIFEST} is damaged: its seal does not fit")
    return manifest


def version() -> str:
    """Return the version of the product."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _check_cache() -> None:
    """Refuse before anything is written: what a restore does at its end is better not done with half the parts."""
    if not settings.REDIS_URL:
        return  # in the database that is still empty
    try:
        redis_cache.ask_first()
    except Exception as error:
        raise Unusable(f"the cache does not answer ({type(error).__name__}): look at REDIS_URL") from None


def _check_fits(manifest: dict[str, Any], dump: Dump) -> None:
    if manifest["database"] != dump.kind:
        raise Unusable(f"the backup is of {manifest['database']}, DATABASE_URL leads to {dump.kind}")
    on_disk = MigrationLoader(None).disk_migrations or {}
    replaced = {name for migration in on_disk.values() for name in migration.replaces}
    known = {f"{app}.{name}" for app, name in (*on_disk, *replaced)}
    unknown = sorted(set(manifest["migrations"]) - known)
    if unknown:
        raise Unusable(
            f"the backup comes from a newer version ({manifest['version']}; this is {version()},"
            f" which does not know {unknown[0]})"
        )
    if _major(manifest["server"]) > _major(dump.server()):
        raise Unusable(f"the backup was made on {dump.kind} {manifest['server']}, this is {dump.server()}")


def _major(server: str) -> int:
    return int(server.split(".", maxsplit=1)[0])


def _check_whole(source: Path, manifest: dict[str, Any], progress: Progress) -> None:
    found = dict(_files(source))
    found.pop(MANIFEST, None)
    missing, strange = sorted(set(manifest["files"]) - set(found)), sorted(set(found) - set(manifest["files"]))
    if missing:
        raise Unusable(f"the backup is damaged: {missing[0]} is missing")
    if strange:
        raise Unusable(f"the backup is damaged: {strange[0]} does not belong to it")
    for number, (name, told) in enumerate(sorted(manifest["files"].items()), start=1):
        progress(f"checking {number}/{len(found)}")
        if _told(found[name]) != told:
            raise Unusable(f"the backup is damaged: {name} was changed")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _told(path: Path) -> dict[str, Any]:
    if path.is_symlink():
        raise Unusable(f"{path} is a link: a backup holds files only")
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _copy_media(source: Path, target: Path, progress: Progress) -> None:
    target.mkdir(exist_ok=True)
    for number, (name, path) in enumerate(_files(source), start=1):
        progress(f"media {number}")
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue  # deleted while we read


def _cache_tables() -> set[str]:
    return {str(cache["LOCATION"]) for cache in settings.CACHES.values() if "DatabaseCache" in cache["BACKEND"]}


def _seal(manifest: dict[str, Any]) -> str:
    told = {name: value for name, value in manifest.items() if name != "seal"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk, for us alone, that becomes ``target`` or vanishes."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise Unusable(f"{target.parent} cannot be written: {error.strerror}") from None
    try:
        yield folder
    except OSError as error:
        raise Unusable(f"{error.filename or target}: {error.strerror}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Silence:
    """Takes what a command says to its caller."""

    def write(self, text: str) -> None:
        """Take it."""

    def flush(self) -> None:
        """Nothing is kept."""
