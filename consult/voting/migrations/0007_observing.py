import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# safe beside the previous release: three new tables it does not know


class Migration(migrations.Migration):
    dependencies = [
        ("consult_voting", "0006_meetings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField()),
                ("hash", models.CharField(max_length=64)),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="daily_heads",
                        to="consult_voting.poll",
                    ),
                ),
            ],
            options={
                "verbose_name": "head of a day",
                "verbose_name_plural": "heads of the days",
                "ordering": ["poll", "-day"],
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("poll", "day"), name="one_head_per_day")],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="objection")),
                ("salt", models.CharField(blank=True, max_length=32)),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                (
                    "answered_as",
                    models.CharField(
                        blank=True,
                        choices=[("sponsor", "the office that asked"), ("auditor", "the auditor")],
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hidden_because",
                    models.CharField(blank=True, max_length=200, verbose_name="why the words are hidden"),
                ),
                ("hidden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objection",
                        to="consult_voting.bulletinentry",
                    ),
                ),
                (
                    "hidden_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="consult_voting.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
                "ordering": ["poll", "entry"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["poll", "made_at"], name="objection_by_poll")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_as", ""), ("answered_at", None)),
                            models.Q(
                                ("answered_at__gte", models.F("made_at")),
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("answered_as", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_is_answered_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hidden_at", None), ("hidden_because", "")),
                            models.Q(("hidden_at__isnull", False), models.Q(("hidden_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="objection_is_hidden_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Observer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="observers", to="consult_voting.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "observer",
                "verbose_name_plural": "observers",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("poll", "person"), name="one_observer_per_person")],
            },
        ),
    ]
