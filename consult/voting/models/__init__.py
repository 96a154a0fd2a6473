from consult.voting.models.bulletin import BulletinEntry, PollKey
from consult.voting.models.polls import Choice, Grade, Method, Poll, PollQuerySet, Secrecy
from consult.voting.models.preparing import Beginning, ListedAddress
from consult.voting.models.rooms import BoxBallot, BoxHours, BoxPlacing, BoxSeal, Group, RollEntry, RollMark

__all__ = [
    "Beginning",
    "BoxBallot",
    "BoxHours",
    "BoxPlacing",
    "BoxSeal",
    "BulletinEntry",
    "Choice",
    "Grade",
    "Group",
    "ListedAddress",
    "Method",
    "Poll",
    "PollKey",
    "PollQuerySet",
    "RollEntry",
    "RollMark",
    "Secrecy",
]
