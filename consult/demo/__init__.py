"""The demo county: Yunlan 云澜县, which does not exist.

``data/`` holds its places, bodies, people, policies, consultations and what
its residents wrote.  Everybody in it is invented.  Days are relative to the
day of loading, so the county is always in the middle of its business.
"""
