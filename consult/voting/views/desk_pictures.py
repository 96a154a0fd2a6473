"""Pictures beside the choices of a draft: one form a choice, so that a fault in one loses nothing of another."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.images.models import Image

from civic.access.decorators import office_page
from civic.core.http import HttpRequest
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import domain, pictures
from consult.voting.desk_pictures import PictureForm
from consult.voting.states import State
from consult.voting.views.desk import find, person_of
from consult.voting.views.reading import around


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_pictures(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a picture beside a choice, with what it shows in words, or take it away."""
    poll = find(request, slug)
    if poll.state != State.DRAFT:
        return redirect("desk-poll", slug)
    choices = list(poll.choices.all())
    shown = pictures.of(choices)
    key = request.POST.get("key", "")
    forms = {each.key: PictureForm(prefix=each.key, shown=shown.get(each.key)) for each in choices}
    status = 200
    if request.method == "POST" and key in forms:
        forms[key] = form = PictureForm(request.POST, request.FILES, prefix=key, shown=shown.get(key))
        actor = person_of(request)
        if "remove" in request.POST:
            domain.illustrate(poll=poll, actor=actor, key=key, picture=None, at=request.at)
            messages.success(request, _("The picture is taken away."))
            return redirect("desk-poll-pictures", slug)
        if form.is_valid():
            try:
                with transaction.atomic():
                    picture = _picture(form, next(each.picture for each in choices if each.key == key), actor)
                    domain.illustrate(
                        poll=poll, actor=actor, key=key, picture=picture, shows_en=form.cleaned_data["shows_en"],
                        at=request.at,
                    )  # fmt: skip
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The picture stands beside the choice."))
                return redirect("desk-poll-pictures", slug)
        status = 422
    rows = [(each, forms[each.key], shown.get(each.key)) for each in choices]
    return render(request, "consult/voting/desk/pictures.html", around(request, poll) | {"rows": rows}, status=status)


def _picture(form: PictureForm, before: Any, actor: Person) -> Image:
    """Return the picture that was sent, or the one there was under its new words."""
    words = form.cleaned_data["shows"]
    if form.cleaned_data["file"] is None:
        Image.objects.filter(pk=before.pk).update(title=words, description=words)
        before.title = before.description = words
        return before
    picture = Image.objects.create(
        title=words, description=words, file=form.cleaned_data["file"], uploaded_by_user=actor
    )  # fmt: skip
    pictures.prepare(picture)
    return picture
