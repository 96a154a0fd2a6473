"""Login stages of our own."""

from typing import Any

from allauth.account.stages import EmailVerificationStage

from civic.people.models import Level


class EmailStage(EmailVerificationStage):
    """Asks for the code sent by e-mail, unless one contact of the account is confirmed already."""

    def handle(self) -> tuple[Any, bool]:
        """Let people pass whose telephone (or earlier e-mail) is confirmed, and telephone-only accounts."""
        person = self.login.user
        if person is not None:
            person.refresh_from_db(fields=["level"])  # a code may have raised it on another copy
        if person is not None and (person.level >= Level.CONTACT or not person.email):
            return None, True
        if person is None and not self.login.email:
            return None, True
        return super().handle()
