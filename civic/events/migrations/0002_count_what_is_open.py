"""What is open is counted from an index of it, however much was done before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("civic_audit", "0006_index_by_time"),
        ("civic_events", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "failed"])), fields=["status"], name="delivery_open"
            ),
        ),
    ]
