"""Finding things: one document shape, one set of words, engines behind one door.

A part of the site that wants to be found registers its kind (``documents``);
its subscribers call ``indexing.index_now`` after each change.  Who may find
what is a condition of the query itself, never a filter on its answer.
"""
