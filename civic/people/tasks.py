from celery import shared_task

from civic.core import clock
from civic.people import erasing


@shared_task
def erase_due() -> None:
    """Forget those who asked for it and did not change their mind."""
    at = clock.now()
    for person_id in erasing.due(at=at):
        erase_person.delay(person_id)


@shared_task
def erase_person(person_id: int) -> None:
    """Forget one of them."""
    erasing.erase(person_id=person_id, at=clock.now(), asked=True)
