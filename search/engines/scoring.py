"""Scores as whole numbers, so that every database adds them up to the same sum."""

import hashlib
import math
from collections import Counter
from functools import lru_cache

from search.documents import Document
from search.words import pieces, words_of

SATURATION = 1.2
LENGTH_PART = 0.6
USUAL_LENGTH = 300
TITLE_TIMES = 5
SCALE = 1000


@lru_cache(maxsize=50_000)
def fingerprint(word: str) -> int:
    """Return a word's 64-bit number."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big", signed=True)


def weights(document: Document) -> dict[str, int]:
    """Return what each word of a document adds to its score, before the word's rarity: BM25's second half."""
    title = Counter(words_of(pieces(f"{document.title}\n{document.title_en}")))
    text = Counter(words_of(pieces(f"{document.text}\n{document.text_en}")))
    length = 1 - LENGTH_PART + LENGTH_PART * min(4.0, text.total() / USUAL_LENGTH)
    made = {}
    for word in title | text:
        times = TITLE_TIMES * min(title[word], 2) + text[word]
        made[word] = max(1, round(SCALE * document.boost * times * (SATURATION + 1) / (times + SATURATION * length)))
    return made


def rarity(found_in: int, documents: int) -> int:
    """Return how much a word tells that stands in ``found_in`` of ``documents``: BM25's first half."""
    return round(SCALE / 10 * math.log(1 + (max(0, documents - found_in) + 0.5) / (found_in + 0.5))) + 1
