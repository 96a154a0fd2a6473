"""The record as people see it: an object's history, who looked at one's data, and the auditor's desk."""
