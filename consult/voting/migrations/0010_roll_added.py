"""Whoever was put on a roll later votes too: there may be more ballots than the drawn roll had people."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q

from civic.core.statements import EachDatabase

# safe beside the previous release: the new rule allows all that the old one allowed, and the column fills itself

# The embedded database builds the table anew and loses its triggers, and names it in none of the others meanwhile.
TRIGGERS = [
    each
    for name in ("0003_guards", "0006_meetings")
    for each in import_module(f"consult.voting.migrations.{name}").SQLITE
    if " ON consult_voting_poll" in each or " ON consult_voting_choice" in each
]
DROPPED = [f"DROP TRIGGER {each.split('TRIGGER ')[1].split(' ')[0]}" for each in TRIGGERS]


def rule(most):
    return models.CheckConstraint(
        condition=Q(ballot_count=None) | Q(ballot_count__lte=most), name="no_more_ballots_than_people"
    )


class Migration(migrations.Migration):
    dependencies = [("consult_voting", "0009_picture_words")]
    operations = [
        EachDatabase({"sqlite": DROPPED}, undo={"sqlite": TRIGGERS}),
        migrations.RemoveConstraint("poll", "no_more_ballots_than_people"),
        migrations.AddField("poll", "roll_added", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddConstraint("poll", rule(F("roll_size") + F("roll_added"))),
        EachDatabase({"sqlite": TRIGGERS}, undo={"sqlite": DROPPED}),
    ]
