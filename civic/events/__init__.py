"""publish(): an audit entry plus one delivery row per subscriber, in one transaction.

After commit a task runs the deliveries; a sweeper finds those a crash left.
"""
