"""Addresses of imported lists as hashes, and what the clock did at a poll's beginning."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0003_guards")]

    operations = [
        migrations.CreateModel(
            name="ListedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="listed", to="consult_voting.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "listed address",
                "verbose_name_plural": "listed addresses",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("poll", "digest"), name="one_line_per_listed_address")],
            },
        ),
        migrations.CreateModel(
            name="Beginning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fault", models.CharField(blank=True, max_length=40)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                (
                    "poll",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="beginning",
                        to="consult_voting.poll",
                    ),
                ),
            ],
            options={
                "verbose_name": "beginning of a poll",
                "verbose_name_plural": "beginnings of polls",
                "default_permissions": (),
            },
        ),
    ]
