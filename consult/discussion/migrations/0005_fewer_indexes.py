# safe beside the previous release: indexes go and nothing else; the columns are written as before
"""Every support writes its contribution anew into each index it is in: those that repeat the beginning of another one,
or that nobody asks, go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consult_consultations", "0002_fewer_indexes"),
        ("consult_discussion", "0004_no_drafts_of_the_gone"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("orgs_bodies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="contribution",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contributions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="consultation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contributions",
                to="consult_consultations.consultation",
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="keyed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="keyed_for",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orgs_bodies.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="num_vote_down",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="num_vote_up",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="consult_discussion.contribution",
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="root",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="thread",
                to="consult_discussion.contribution",
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="vote_score",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="support",
            name="content_type",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="contenttypes.contenttype"
            ),
        ),
        migrations.AlterField(
            model_name="support",
            name="keyed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="support",
            name="keyed_for",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orgs_bodies.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="support",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
