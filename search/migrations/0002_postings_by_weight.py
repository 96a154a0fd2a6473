# While PostgreSQL builds it nothing new becomes findable: about a second for a million rows.  Reading goes on.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_documents_and_postings")]

    operations = [
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["word", "-weight", "-document"], name="postings_by_weight"),
        ),
    ]
