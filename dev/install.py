"""Getting ``.venv`` from the lock file, on a machine that has nothing but Python."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.console import refuse, say
from dev.paths import CACHE, ROOT, VENV, VENV_PYTHON

OLDEST_UV = (0, 8)


def ensure(*, with_tools: bool) -> None:
    """Make ``.venv`` hold what the lock file says; a second call costs nothing.

    ``with_tools`` adds what only development needs.  An environment that has
    the tools is not stripped of them again.
    """
    wanted = _fingerprint()
    stamp = VENV / ".installed"
    have = stamp.read_text().split() if stamp.exists() else []
    if have[:1] == [wanted] and VENV_PYTHON.exists() and (not with_tools or "tools" in have):
        return
    with_tools = with_tools or "tools" in have
    say("Installing Python packages (once) …")
    uv = _uv()
    groups = [] if with_tools else ["--no-dev"]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    environment.pop("VIRTUAL_ENV", None)
    sync = [uv, "sync", "--frozen", "--quiet", "--python", _base_python(), *groups]
    if subprocess.run(sync, cwd=ROOT, env=environment, check=False).returncode != 0:
        say("Trying the same with pip …")
        _with_pip(uv, groups)
    stamp.write_text(f"{wanted} {'tools' if with_tools else ''}".strip())


def _fingerprint() -> str:
    # pyproject.toml changes with every lint setting; the lock file with every dependency.
    return hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()[:16]


def _base_python() -> str:
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def _uv() -> str:
    """Return a uv that reads our lock file: the machine's own, or one in an environment of its own."""
    found = shutil.which("uv")
    if found and _version(found) >= OLDEST_UV:
        return found
    private = CACHE / "uv"
    if not (private / "bin" / "uv").exists():
        _make_environment(private)
        pip = [str(private / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
        if subprocess.run(pip, check=False).returncode != 0:
            refuse("Could not install uv: is there a network, or a package mirror pip knows of?")
    return str(private / "bin" / "uv")


def _version(uv: str) -> tuple[int, ...]:
    answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    words = answer.stdout.split()
    if answer.returncode != 0 or len(words) < 2:
        return (0,)
    return tuple(int(part) for part in words[1].split(".") if part.isdigit())


def _make_environment(folder: Path) -> None:
    make = [_base_python(), "-m", "venv", "--clear", str(folder)]
    if subprocess.run(make, capture_output=True, check=False).returncode == 0:
        return
    # Debian keeps the module that venv needs in a package of its own.
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {package} …")
        debian([package])
        if subprocess.run(make, capture_output=True, check=False).returncode == 0:
            return
    refuse(f"Python cannot make virtual environments here: install {package} (or uv) first.")


def _with_pip(uv: str, groups: list[str]) -> None:
    """Install the locked versions, hashes checked, the way pip is configured here."""
    CACHE.mkdir(exist_ok=True)
    listing = CACHE / "requirements.txt"
    export = [uv, "export", "--frozen", "--quiet", "--no-emit-project", "-o", str(listing), *groups]
    if subprocess.run(export, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        refuse("Could not read uv.lock.")
    _make_environment(VENV)
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(listing)]
    if subprocess.run(pip, check=False).returncode != 0:
        refuse("Could not install the Python packages: is there a network, or a package mirror pip knows of?")


def debian(packages: list[str]) -> bool:
    """Install Debian packages; return whether that worked.  Only root on Debian can."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    for command in (install, ["apt-get", "update", "--quiet"], install):
        done = subprocess.run(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        if command is install and done.returncode == 0:
            return True
    return False
