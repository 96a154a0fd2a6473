"""``seed_demo``: an invented county to try everything in."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.commands import BadInput
from civic.events import bus
from civic.people.models import Person
from consult.demo import county, matters, meetings, moderating, polls
from consult.demo.county import DOMAIN
from consult.demo.reading import County


class Command(RecordingCommand):
    help = "Create the demo county. Run again, it finds it there and changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO and not settings.SETTINGS_ARE_FOR_TESTS:
            raise BadInput("seed_demo: its accounts have a known password; it runs only with GONGYI_DEMO=yes.")
        if Person.objects.filter(email=f"resident@{DOMAIN}").exists():
            self.stdout.write("The demo county is already there.")
            return
        at = clock.now()
        drawn = County(at=at, password=os.environ.get("GONGYI_DEMO_PASSWORD") or "gongyi-demo")
        with transaction.atomic():
            self.progress("places and people")
            county.draw(drawn)
            matters.draw(drawn, progress=self.progress)
            self.progress("moderation")
            moderating.draw(drawn)
            self.progress("polls")
            polls.draw(drawn)
            meetings.draw(drawn)
        self.progress("deliveries")
        while sum(bus.deliver(pk, at=clock.now()) for pk in bus.waiting(at=clock.now())):
            pass
        call_command("rebuild_search", stdout=self.stdout, stderr=self.stderr)
        self.progress("")
        self.stdout.write(
            f"The demo county is ready: {len(drawn.people)} people, {len(drawn.policies)} policies, "
            f"{len(drawn.consultations)} consultations, {len(drawn.contributions)} contributions."
        )
