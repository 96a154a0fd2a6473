"""``make demo``: the whole product on a laptop, with one command."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from dev.console import refuse, say
from dev.paths import ROOT, VENV_PYTHON, home
from dev.processes import Stopped, die_with_parent, is_busy, stop_on_signals
from dev.site import NotUp, Site, environment, make_home

ACCOUNTS = (
    ("resident", "a resident 居民"),
    ("elder", "an elderly resident 老年居民"),
    ("neighbour", "a resident of another district 外区居民"),
    ("official", "transport bureau 交通局经办人"),
    ("approver", "the same bureau, approves 交通局审核人"),
    ("editor", "edits policies 政策编辑"),
    ("moderator", "moderates 审核员"),
    ("moderator2", "a second moderator 审核员"),
    ("coordinator", "social organisation 社会组织协调人"),
    ("volunteer", "volunteer 志愿者"),
    ("socialworker", "social worker 社工"),
    ("grid", "grid worker 网格员"),
    ("clerk", "community, hotline 社区与热线"),
    ("supervisor", "supervises 监督员"),
    ("auditor", "audits 审计员"),
    ("admin", "administrator 管理员"),
)
DEFAULT_PASSWORD = "gongyi-demo"  # noqa: S105 - printed by the demo


@dataclass(frozen=True)
class Settings:
    """Where the demo runs."""

    port: int
    host: str
    home: Path
    password: str


def settings_from_environment() -> Settings:
    """Return the demo's settings, or refuse in one line when it could not start with them."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        refuse(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port, host = int(text), os.environ.get("HOST") or "127.0.0.1"
    if is_busy(port, host):
        refuse(
            f"Port {port} is taken: choose another, for example PORT={port + 1 if port < 65535 else 8000} make demo."
        )
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"GONGYI_HOME cannot be made: {error.strerror}: {folder}")
    if not os.access(folder, os.W_OK):
        refuse(f"GONGYI_HOME is not writable: {folder}")
    return Settings(port, host, folder, os.environ.get("GONGYI_DEMO_PASSWORD") or DEFAULT_PASSWORD)


def main(_args: list[str]) -> int:
    """Run until stopped.  Returns 0 when asked to stop, 1 when a part failed."""
    settings = settings_from_environment()
    if "MAKELEVEL" in os.environ:
        die_with_parent()  # killing make kills the demo, not only the messenger
    stop_on_signals()
    make_home(settings.home)
    env = environment(settings.home, settings.port, {"GONGYI_DEMO_PASSWORD": settings.password})
    try:
        if not prepare(env):
            return 1
        with Site(home=settings.home, port=settings.port, host=settings.host, env=env) as site:
            _welcome(site, settings)
            while True:
                site.check()
                time.sleep(0.5)
    except NotUp as error:
        say(str(error))
        return 1
    except Stopped:
        say("Stopped.")
        return 0


def prepare(env: dict[str, str]) -> bool:
    """Bring the home folder and the database up to date; return whether that worked."""
    command = [str(VENV_PYTHON), "-m", "dev.prepare"]
    with subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=die_with_parent) as process:
        try:
            return process.wait() == 0
        except BaseException:
            process.terminate()
            raise


def _welcome(site: Site, settings: Settings) -> None:
    say("")
    say(f"共议 Gongyi is ready:  {site.base_url}/")
    say("")
    say(f"Demo accounts, password {settings.password}:")
    for name, what in ACCOUNTS:
        say(f"  {name + '@demo.example':<27}{what}")
    say("")
    say(f"Outgoing mail and text messages:  {site.base_url}/outbox/")
    say(f"Data and logs:                    {settings.home}")
    say("Ctrl-C stops everything.")
