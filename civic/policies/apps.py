from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "civic.policies"
    label = "civic_policies"
    verbose_name = _("Policies")

    def ready(self) -> None:
        from wagtail import signals  # noqa: PLC0415 - models are loaded only now
        from wagtail.admin import signal_handlers  # noqa: PLC0415
        from wagtail.models import WorkflowState  # noqa: PLC0415

        from civic.policies import (  # noqa: F401, PLC0415
            actions,
            approval,
            bridge,
            panels,
            permissions,
            personal,
            subscribers,
        )

        # Not by setting: Wagtail reads that one while its models are being imported, ours need them.
        WorkflowState.on_finish = approval.publish_approved
        permissions.install()
        panels.install()
        # Wagtail would send mail inside the request; our own notices do it from rows, after commit.
        signal_handlers.register_signal_handlers = lambda: None
        signals.page_published.connect(bridge.on_page_published)
        signals.workflow_approved.connect(bridge.on_workflow_approved)
        signals.task_cancelled.connect(bridge.on_task_cancelled)
