from consult.voting.models.bulletin import BulletinEntry, PollKey
from consult.voting.models.meetings import Meeting
from consult.voting.models.observing import MAX_ANSWER, MAX_OBJECTION, DailyHead, Objection, Observer
from consult.voting.models.paper import PaperKeying, PaperPack, PaperSlip
from consult.voting.models.pictures import PictureWords
from consult.voting.models.polls import Choice, Grade, Method, Poll, PollQuerySet, Secrecy
from consult.voting.models.preparing import Beginning, ListedAddress
from consult.voting.models.rooms import BoxBallot, BoxHours, BoxPlacing, BoxSeal, Group, RollEntry, RollMark

__all__ = [
    "MAX_ANSWER",
    "MAX_OBJECTION",
    "Beginning",
    "BoxBallot",
    "BoxHours",
    "BoxPlacing",
    "BoxSeal",
    "BulletinEntry",
    "Choice",
    "DailyHead",
    "Grade",
    "Group",
    "ListedAddress",
    "Meeting",
    "Method",
    "Objection",
    "Observer",
    "PaperKeying",
    "PaperPack",
    "PaperSlip",
    "PictureWords",
    "Poll",
    "PollKey",
    "PollQuerySet",
    "RollEntry",
    "RollMark",
    "Secrecy",
]
