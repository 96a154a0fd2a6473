"""What somebody typed, understood."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from search.words import STOP_CHARACTERS, STOP_WORDS, Phrase, fold, is_han, stretches

MAX_LENGTH = 200
MAX_WORDS = 64
_QUOTED = re.compile(r'["“”„「『](.+?)["“”」』]')


@dataclass(frozen=True)
class Question:
    """A typed question: ``text`` as it can be shown again, and its phrases.

    ``cut`` tells that it was longer than ``MAX_LENGTH`` and only its beginning
    is asked.  A question without phrases holds nothing that can be looked for.
    """

    text: str
    phrases: tuple[Phrase, ...]
    cut: bool = False

    @property
    def words(self) -> list[str]:
        """Every word asked for, each once, at most ``MAX_WORDS``."""
        return _once(word for phrase in self.phrases for word in phrase.words)

    @property
    def needles(self) -> list[str]:
        """What must stand side by side."""
        return _once(phrase.needle for phrase in self.phrases if phrase.needle)

    def loosened(self) -> "Question":
        """Return the same question cut at its stop characters: 电梯的补偿 asks for 电梯 and 补偿."""
        pattern = re.compile(f"[{''.join(STOP_CHARACTERS)}]+")
        found: list[Phrase] = []
        for phrase in self.phrases:
            for piece in phrase.pieces:
                parts = [part for part in pattern.split(piece) if part] if is_han(piece) else [piece]
                found.extend(Phrase((part,)) for part in parts)
        telling = [phrase for phrase in found if not is_han(phrase.pieces[0]) or len(phrase.pieces[0]) > 1]
        return Question(self.text, tuple(telling or self.phrases), self.cut)

    def apart(self) -> "Question":
        """Return the question with its long Chinese runs cut in pairs: 电梯补偿 asks for 电梯 and 补偿.

        Most Chinese words have two characters; what remains at an odd end is left out.
        """
        found: list[Phrase] = []
        for phrase in self.loosened().phrases:
            run = phrase.pieces[0]
            if len(phrase.pieces) == 1 and is_han(run) and len(run) >= 4:
                found.extend(Phrase((run[n : n + 2],)) for n in range(0, len(run) - 1, 2))
            else:
                found.append(phrase)
        return Question(self.text, tuple(dict.fromkeys(found)), self.cut)

    def telling_words(self) -> list[str]:
        """Return the words that tell most: without those made of a stop character."""
        telling = [word for word in self.words if not STOP_CHARACTERS.intersection(word)]
        return telling or self.words


def understand(typed: str) -> Question:
    """Return what was typed as a question; never raises, whatever it holds."""
    shown = " ".join("".join(char for char in typed[: MAX_LENGTH * 4] if _shown(char)).split())
    cut = len(shown) > MAX_LENGTH or len(typed) > MAX_LENGTH * 4
    shown = shown[:MAX_LENGTH]
    phrases: list[Phrase] = []
    for quoted in _QUOTED.findall(shown):
        made = [piece for stretch in stretches(fold(quoted)) for piece in stretch]
        if made:
            phrases.append(Phrase(tuple(made)))
    rest = _QUOTED.sub(" ", shown)
    loose = [Phrase(tuple(stretch)) for stretch in stretches(fold(rest)) if stretch]
    telling = [phrase for phrase in loose if phrase.pieces[0] not in STOP_WORDS or len(phrase.pieces) > 1]
    phrases += telling if telling or phrases else loose
    return Question(shown, tuple(dict.fromkeys(phrases)), cut)


def _shown(char: str) -> bool:
    # Blanks stay; what is invisible or reorders text goes.
    return char.isprintable() or char.isspace()


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))[:MAX_WORDS]
