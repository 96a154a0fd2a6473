"""Notices: what people are told, on the site, by e-mail and by text message.

``domain.tell`` writes rows in the caller's transaction; workers send them one
by one afterwards.  Nothing is sent inside a request.
"""
