"""Deliberation, replies and results: what residents and offices do together."""
