"""Contributions: comments on clauses, proposals, responses; supports, versions, drafts."""
