from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepliesConfig(AppConfig):
    name = "consult.replies"
    label = "consult_replies"
    verbose_name = _("Replies")

    def ready(self) -> None:
        from consult.discussion.answers import plug_in  # noqa: PLC0415 - models are loaded only now
        from consult.replies import actions, personal, subscribers  # noqa: F401, PLC0415
        from consult.replies.provider import published_answers  # noqa: PLC0415

        plug_in(published_answers)
