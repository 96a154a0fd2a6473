"""What is open is counted from an index of it, however much was done before."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("civic_audit", "0006_index_by_time"),
        ("civic_notify", "0004_webhooks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "sending", "failed"])),
                fields=["status"],
                name="digest_open",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "sending", "failed"])),
                fields=["status"],
                name="letter_open",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "sending", "failed"])),
                fields=["status"],
                name="message_open",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "sending", "failed"])),
                fields=["status"],
                name="webhookdelivery_open",
            ),
        ),
    ]
