"""Meetings that decide by a show of hands; published minutes are never changed, and no result is without them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from civic.core.statements import EachDatabase

# safe beside the previous release: it knows no meetings, and the new triggers look at polls of theirs only

POSTGRESQL = [
    """CREATE TRIGGER consult_voting_meeting_no_change BEFORE UPDATE OR DELETE ON consult_voting_meeting FOR EACH ROW
       WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION consult_voting_refuse()""",
    """CREATE FUNCTION consult_voting_ask_witnesses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NOT EXISTS (SELECT FROM consult_voting_meeting WHERE poll_id = NEW.id AND published_at IS NOT NULL) THEN
           RAISE EXCEPTION 'no result of a meeting without two witnesses'; END IF;
         RETURN NEW; END $$""",
    """CREATE TRIGGER consult_voting_poll_needs_witnesses BEFORE UPDATE ON consult_voting_poll FOR EACH ROW
       WHEN (NEW.secrecy = 'open' AND NEW.result_hash <> '' AND OLD.result_hash = '')
       EXECUTE FUNCTION consult_voting_ask_witnesses()""",
]
SQLITE = [
    *(
        f"""CREATE TRIGGER consult_voting_meeting_no_{deed} BEFORE {deed.upper()} ON consult_voting_meeting
            WHEN OLD.published_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'what was published of a meeting is never changed'); END"""
        for deed in ("update", "delete")
    ),
    """CREATE TRIGGER consult_voting_poll_needs_witnesses BEFORE UPDATE ON consult_voting_poll
       WHEN NEW.secrecy = 'open' AND NEW.result_hash <> '' AND OLD.result_hash = '' AND NOT EXISTS (
         SELECT 1 FROM consult_voting_meeting WHERE poll_id = NEW.id AND published_at IS NOT NULL)
       BEGIN SELECT RAISE(ABORT, 'no result of a meeting without two witnesses'); END""",
]
UNDO = {
    "postgresql": [
        "DROP TRIGGER consult_voting_poll_needs_witnesses ON consult_voting_poll",
        "DROP FUNCTION consult_voting_ask_witnesses()",
        "DROP TRIGGER consult_voting_meeting_no_change ON consult_voting_meeting",
    ],
    "sqlite": [f"DROP TRIGGER {each.split('TRIGGER ')[1].split(' ')[0]}" for each in SQLITE],
}


class Migration(migrations.Migration):
    dependencies = [
        ("consult_voting", "0005_paper"),
        ("wagtailimages", "0027_image_description"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="poll",
            name="preset",
            field=models.CharField(
                choices=[
                    ("advisory", "Advisory vote"),
                    ("budget", "Participatory budget"),
                    ("villagers", "Matter of a villagers' meeting"),
                    ("members", "Decision among members of a body"),
                    ("villagers-meeting", "Villagers' meeting"),
                    ("delegates-meeting", "Meeting of villagers' representatives"),
                    ("residents-meeting", "Residents' meeting"),
                    ("open-meeting", "Open meeting, advisory"),
                ],
                max_length=20,
                verbose_name="kind of decision",
            ),
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "poll",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="meeting",
                        serialize=False,
                        to="consult_voting.poll",
                    ),
                ),
                ("venue", models.CharField(max_length=120, verbose_name="where people meet")),
                (
                    "venue_en",
                    models.CharField(blank=True, max_length=200, verbose_name="where people meet, in English"),
                ),
                ("entitled", models.PositiveIntegerField(verbose_name="how many are entitled")),
                (
                    "households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="how many households there are"),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("present", models.PositiveIntegerField(blank=True, null=True, verbose_name="how many came")),
                (
                    "households_present",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="how many households were there"),
                ),
                ("hands", models.JSONField(blank=True, default=dict)),
                ("hands_raised", models.PositiveIntegerField(blank=True, null=True)),
                ("points", models.TextField(blank=True, verbose_name="what was said")),
                ("follow_up", models.TextField(blank=True, verbose_name="what follows")),
                ("executor", models.CharField(blank=True, max_length=120, verbose_name="who does it")),
                ("due", models.DateField(blank=True, null=True, verbose_name="until when")),
                ("photo_hash", models.CharField(blank=True, max_length=64)),
                ("first_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("second_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "advisory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consult_voting.poll",
                        verbose_name="advisory poll",
                    ),
                ),
                (
                    "first_witness",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="photo of the tally sheet",
                    ),
                ),
                (
                    "recorder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_witness",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("present", None), ("present__lte", models.F("entitled")), _connector="OR"),
                        name="no_more_came_than_are_entitled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("households_present", None),
                            ("households_present__lte", models.F("households")),
                            _connector="OR",
                        ),
                        name="no_more_households_came_than_there_are",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hands_raised", None), ("hands_raised__lte", models.F("present")), _connector="OR"
                        ),
                        name="no_more_hands_than_came",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_witness", None),
                            models.Q(("first_witness", models.F("second_witness")), _negated=True),
                            _connector="OR",
                        ),
                        name="witnesses_are_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorder", None),
                            models.Q(
                                models.Q(
                                    ("first_witness", None),
                                    models.Q(("first_witness", models.F("recorder")), _negated=True),
                                    _connector="OR",
                                ),
                                models.Q(
                                    ("second_witness", None),
                                    models.Q(("second_witness", models.F("recorder")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="no_witness_is_the_clerk",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_confirmed_at", None),
                                models.Q(("first_witness__isnull", False), ("hands_raised__isnull", False)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("second_confirmed_at", None),
                                models.Q(("hands_raised__isnull", False), ("second_witness__isnull", False)),
                                _connector="OR",
                            ),
                        ),
                        name="witnesses_confirm_what_is_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_at", None),
                            models.Q(
                                ("first_confirmed_at__isnull", False),
                                ("present__isnull", False),
                                ("second_confirmed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="published_minutes_have_two_witnesses",
                    ),
                ],
            },
        ),
        EachDatabase({"postgresql": POSTGRESQL, "sqlite": SQLITE}, undo=UNDO),
    ]
