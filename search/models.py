from django.db import models
from django.utils.translation import gettext_lazy as _


class Generation(models.Model):
    """One complete set of indexed documents.  One is read; a rebuild fills another, then they switch."""

    class State(models.TextChoices):
        BUILDING = "building", _("being built")
        LIVE = "live", _("being read")
        OLD = "old", _("to be dropped")

    state = models.CharField(max_length=8, choices=State)
    began_at = models.DateTimeField()
    switched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("index generation")
        verbose_name_plural = _("index generations")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["state"], name="one_index_generation_per_state")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class StoredDocument(models.Model):
    """A ``search.documents.Document`` as the embedded engine keeps it.

    ``line`` is the folded text in which phrases are looked up.  The status is
    ``status`` at first and ``second_status`` from ``second_from`` on, and so forth.
    """

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    audience = models.CharField(max_length=80)
    place_path = models.CharField(max_length=90, blank=True)
    body_id = models.BigIntegerField(null=True)
    matter_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    status = models.CharField(max_length=10, blank=True)
    second_status = models.CharField(max_length=10, blank=True)
    second_from = models.DateTimeField(null=True)
    third_status = models.CharField(max_length=10, blank=True)
    third_from = models.DateTimeField(null=True)
    fourth_status = models.CharField(max_length=10, blank=True)
    fourth_from = models.DateTimeField(null=True)
    # What queries filter by stands before the long texts: SQLite reads a row from its beginning.
    language = models.CharField(max_length=10)
    url = models.CharField(max_length=500)
    title = models.TextField()
    title_en = models.TextField(blank=True)
    byline = models.CharField(max_length=300, blank=True)
    byline_en = models.CharField(max_length=300, blank=True)
    line = models.TextField()
    text = models.TextField(blank=True)
    text_en = models.TextField(blank=True)

    class Meta:
        db_table = "search_document"
        verbose_name = _("indexed document")
        verbose_name_plural = _("indexed documents")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["generation", "kind", "key"], name="one_document_per_thing_and_generation"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Posting(models.Model):
    """A word stands in a document, with the weight it adds to the score.

    ``word`` is a 64-bit fingerprint: it sorts and compares alike in every
    database whatever its collation, and makes the row a third as large.
    """

    pk = models.CompositePrimaryKey("word", "document_id")
    word = models.BigIntegerField()
    document = models.ForeignKey(StoredDocument, on_delete=models.CASCADE, related_name="postings")
    weight = models.IntegerField()

    class Meta:
        db_table = "search_posting"
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        default_permissions = ()
        indexes = [
            # Of a word that stands everywhere, those documents first that it tells most of.
            models.Index(fields=["word", "-weight", "-document"], name="postings_by_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.word} in {self.document_id}"
