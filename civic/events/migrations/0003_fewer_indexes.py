# safe beside the previous release: indexes go and nothing else; the columns are written as before
"""The unique index begins with the entry already."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("civic_audit", "0006_index_by_time"),
        ("civic_events", "0002_count_what_is_open"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="civic_audit.entry",
            ),
        ),
    ]
