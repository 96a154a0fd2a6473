import django.db.models.deletion
from django.db import migrations, models

# safe beside the previous release: one new table it does not know


class Migration(migrations.Migration):
    dependencies = [
        ("consult_voting", "0008_ways_forgotten"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="PictureWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shows", models.CharField(max_length=200, verbose_name="what it shows, in English")),
                (
                    "picture",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words_in_english",
                        to="wagtailimages.image",
                    ),
                ),
            ],
            options={
                "verbose_name": "words for a picture",
                "verbose_name_plural": "words for pictures",
                "default_permissions": (),
            },
        ),
    ]
