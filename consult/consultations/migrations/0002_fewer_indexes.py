# safe beside the previous release: indexes go and nothing else; the columns are written as before
"""The unique indexes begin with the consultation already."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consult_consultations", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clausetally",
            name="consultation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clause_tallies",
                to="consult_consultations.consultation",
            ),
        ),
        migrations.AlterField(
            model_name="participation",
            name="consultation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participations",
                to="consult_consultations.consultation",
            ),
        ),
    ]
