"""Views of a discussion: reading, speaking, and drafts in between."""
