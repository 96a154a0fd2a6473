"""The policy library: pages with numbered clauses, their versions, and how they are edited.

Wagtail holds the pages and their revisions; this package decides who may touch
them (from grants), publishes only what a second person has approved, and
answers what was in force on a day.
"""
