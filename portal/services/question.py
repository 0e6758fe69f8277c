"""What a typed question says: its telling words, what a misspelt one may have been meant to be, the everyday names in it.

All of it on folded text, so a question with marks and the same one without are one question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from math import log

from danhmuc import spelling
from danhmuc.models import SearchWord, Synonym
from danhmuc.text import fold, nfc

#: A pasted page stays cheap.
MOST_WORDS = 14
#: Words of politeness and of asking; they say nothing about which procedure is meant.
CHAT = frozenset(
    [
        "toi",
        "minh",
        "muon",
        "xin",
        "hoi",
        "cua",
        "va",
        "voi",
        "nao",
        "o",
        "nhu",
        "gi",
        "a",
        "ah",
        "ak",
        "oi",
        "nhe",
        "vay",
        "roi",
        "se",
        "bi",
        "phai",
        "ai",
        "giup",
        "tui",
        "mik",
        "mk",
        "k",
        "ko",
        "khong",
        "hok",
        "bao",
        "nhieu",
        "nua",
        "cung",
        "deu",
        "cac",
        "nhung",
        "hom",
        "luon",
        "xong",
        "kia",
        "dum",
        "gium",
        "lun",
        "uh",
        "uk",
        "thoi",
        "ha",
    ]
)
#: Words of asking that are also parts of names once their marks are folded away: "được" and "dược", "cần" and "căn".
ASKING = frozenset(
    [
        "can",
        "cho",
        "de",
        "duoc",
        "khi",
        "dau",
        "the",
        "la",
        "ma",
        "nay",
        "da",
        "lam",
        "thi",
        "mot",
        "tai",
        "ra",
        "vao",
        "ve",
        "day",
        "cach",
    ]
)
#: Words of nearly every procedure, or ones that may mean much or nothing: "con", "ba", "giấy".
LIGHT = frozenset(
    [
        "thu",
        "tuc",
        "ho",
        "so",
        "giay",
        "to",
        "cap",
        "dang",
        "ky",
        "ong",
        "ba",
        "anh",
        "chi",
        "em",
        "con",
        "moi",
        "vua",
        "thuc",
        "hien",
        "doi",
        "theo",
        "quy",
        "dinh",
    ]
)
LIGHTER, LIGHTEST = 0.4, 0.15
#: Short forms people type, in full.
SHORT = {
    "dk": "dang ky",
    "dki": "dang ky",
    "dky": "dang ky",
    "gp": "giay phep",
    "gpxd": "giay phep xay dung",
    "gcn": "giay chung nhan",
    "gcnqsdd": "giay chung nhan quyen su dung dat",
    "qsdd": "quyen su dung dat",
    "qsd": "quyen su dung",
    "hkd": "ho kinh doanh",
    "kd": "kinh doanh",
    "bhyt": "bao hiem y te",
    "bhxh": "bao hiem xa hoi",
    "bhtn": "bao hiem that nghiep",
    "dn": "doanh nghiep",
    "htx": "hop tac xa",
    "attp": "an toan thuc pham",
    "vsattp": "ve sinh an toan thuc pham",
    "ubnd": "uy ban nhan dan",
    "tthn": "tinh trang hon nhan",
    "ks": "khai sinh",
    "hdld": "hop dong lao dong",
    "vlxd": "vat lieu xay dung",
    "tc": "tro cap",
    "nct": "nguoi cao tuoi",
    "nkt": "nguoi khuyet tat",
}
#: Names in the catalogue that a word of average rarity is measured against.
NAMES = 5000
#: What a word counts that was not typed but probably meant, and one that only may have been.
MEANT, PERHAPS = 0.9, 0.5
MOST_ALTERNATIVES = 3
#: In how many names two syllables stand together that belong together.
OFTEN = 5
#: So much likelier than the pair that was typed: known at all, for words that sound alike, and usual for others.
KNOWN, USUAL = log(2) + 0.5, log(1 + OFTEN) + 0.5
#: How many other words may stand within an everyday name.
WIDEST_GAP = 3
_CODE = re.compile(r"\d[\d.]*\d\Z")


@dataclass
class Word:
    """One telling word: how it was typed, what it is looked for as (word → how much that counts), its weight."""

    typed: str
    wanted: dict[str, float]
    weight: float = 0.0
    #: Whether it makes a usual pair with a telling neighbour, as "đấu" does in "đấu giá".
    bound: bool = False

    @property
    def best(self) -> str:
        """What is most probably meant."""
        return next(iter(self.wanted), self.typed)


@dataclass(frozen=True)
class Named:
    """An everyday name that stands in the question; `score` is between 0 and 1."""

    synonym: Synonym
    score: float


@dataclass
class Question:
    """A question, understood."""

    text: str
    words: list[Word] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    #: How the question is spelt, with marks, where a word was taken for another; empty when none was.
    corrected: str = ""
    #: How it might have been meant as well: its words exist, and hardly go together.
    suggested: str = ""

    @property
    def telling(self) -> list[Word]:
        """Words that can be found at all."""
        return [word for word in self.words if word.wanted]

    @property
    def weight(self) -> float:
        """All of them together."""
        return sum(word.weight for word in self.telling) or 1.0


def read(text: str) -> Question:
    """Understand a question. Four small queries whatever was typed."""
    typed = fold(text).split()[: MOST_WORDS * 2]
    question = Question(nfc(text)[:300])
    question.codes = [word for word in typed if _CODE.fullmatch(word) and len(word.replace(".", "")) >= 4]
    spelt = [part for word in typed if word not in question.codes for part in SHORT.get(word, word).split()]
    meant = _Spelling(spelt[:MOST_WORDS])
    question.words = _weighed(meant.words)
    question.corrected = meant.rewritten(question.text)
    question.suggested = "" if question.corrected else meant.rewritten(question.text, doubted=True)
    question.names = _names(meant.words, typed, question)
    return question


def _weighed(words: list[Word]) -> list[Word]:
    """Without words of asking, unless there are no others."""
    telling = [word for word in words if word.best not in CHAT and len(word.best) > 1] or words
    for word in telling:
        if word.best in LIGHT:
            word.weight *= LIGHTER
        elif word.best in ASKING and not word.bound:
            word.weight *= LIGHTEST
    return telling


class _Spelling:
    """Each word of a question with what it may have been meant to be, judged by the words beside it."""

    def __init__(self, spelt: list[str]) -> None:
        whole = [*spelt, *map(spelling.keystrokes, spelt), *(f"{a} {b}" for a, b in pairwise(spelt))]
        whole += [part for word in spelt for cut in _cuts(word) for part in (*cut, " ".join(cut))]
        self._known = {row.word: row for row in SearchWord.objects.filter(word__in=set(whole)).defer("near")}
        parts = [part for word in spelt for part in self._parted(word)]
        self._guesses = self._guess(parts)
        self._learn_pairs(parts)
        self.words = [self._word(parts, at) for at in range(len(parts))]

    def _parted(self, word: str) -> tuple[str, ...]:
        """ "giayphep" is two words."""
        if word in self._known or len(word) < 5:
            return (word,)
        return next((cut for cut in _cuts(word) if " ".join(cut) in self._known), (word,))

    def _guess(self, parts: list[str]) -> dict[str, list[SearchWord]]:
        """Known syllables like a strange one, or like one that does not go with its neighbours."""
        doubtful = {
            word
            for at, word in enumerate(parts)
            if word.isalpha() and len(word) > 1 and word not in CHAT
            if word not in self._known or not self._fits(parts, at)
        }
        keys = {key for word in doubtful for key in spelling.keys(word)}
        rows = list(SearchWord.objects.filter(near__overlap=sorted(keys))) if keys else []
        found: dict[str, list[SearchWord]] = {}
        for word in doubtful:
            heard, plain = spelling.sound(word), spelling.keystrokes(word)
            found[word] = [
                row
                for row in rows
                if row.word != word
                and (spelling.is_one_slip(word, row.word) or spelling.sound(row.word) == heard)
            ]
            if plain != word and plain in self._known:
                found[word].insert(0, self._known[plain])
        return found

    def _fits(self, parts: list[str], at: int) -> bool:
        return any(pair in self._known for pair in _pairs(parts, at, parts[at])) or parts[at] in CHAT

    def _learn_pairs(self, parts: list[str]) -> None:
        wanted: set[str] = set()
        for at, word in enumerate(parts):
            for row in self._guesses.get(word, ()):
                wanted.update(_pairs(parts, at, row.word))
                # The neighbour may be misspelt as well.
                for beside in (at - 1, at + 1):
                    if 0 <= beside < len(parts) and parts[beside] not in self._known:
                        for other in self._guesses.get(parts[beside], ())[:12]:
                            pair = (other.word, row.word) if beside < at else (row.word, other.word)
                            wanted.add(" ".join(pair))
        missing = sorted(wanted - self._known.keys())
        for row in SearchWord.objects.filter(word__in=missing).defer("near") if missing else ():
            self._known[row.word] = row
        self._spelt = self._known | {row.word: row for rows in self._guesses.values() for row in rows}

    def _word(self, parts: list[str], at: int) -> Word:
        word = parts[at]
        if word in self._known:
            known = Word(word, {word: 1.0}, _rarity(self._known[word].count), self._is_bound(parts, at))
            if not self._fits(parts, at):  # an existing word, but perhaps not the one that was meant
                for row in self._ranked(parts, at)[:MOST_ALTERNATIVES]:
                    heard = spelling.sound(row.word) == spelling.sound(word)
                    least = KNOWN if heard else USUAL if row.word[0] == word[0] else None
                    if least is not None and self._goes_with(parts, at, row.word) > least:
                        known.wanted[row.word] = MEANT
            return known
        ranked = self._ranked(parts, at)[:MOST_ALTERNATIVES]
        if not ranked:
            return Word(word, {})
        # A guess that nothing beside it bears out is looked for, and not claimed.
        sure = len(parts) == 1 or self._goes_with(parts, at, ranked[0].word) > 0
        sure = sure or ranked[0].word == spelling.keystrokes(word)
        sure = sure or (len(ranked) == 1 and spelling.is_one_slip(word, ranked[0].word))
        wanted = {row.word: MEANT if place == 0 and sure else PERHAPS for place, row in enumerate(ranked)}
        return Word(word, wanted, _rarity(ranked[0].count) * (1.0 if sure else LIGHTER))

    def _is_bound(self, parts: list[str], at: int) -> bool:
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(parts) and parts[beside] not in CHAT | ASKING | LIGHT:
                pair = self._known.get(" ".join(parts[min(at, beside) : max(at, beside) + 1]))
                if pair and pair.count >= OFTEN:
                    return True
        return False

    def _ranked(self, parts: list[str], at: int) -> list[SearchWord]:
        word = parts[at]
        plain = spelling.keystrokes(word)

        def fitness(row: SearchWord) -> tuple[float, str]:
            likeness = 2.0 if row.word == plain else 0.6 if spelling.is_one_slip(word, row.word) else 0.0
            same_head = 0.3 if row.word[:1] == word[:1] else 0.0
            return -(
                self._goes_with(parts, at, row.word) + likeness + same_head + log(1 + row.count) / 8
            ), row.word

        return sorted(self._guesses.get(word, ()), key=fitness)

    def _goes_with(self, parts: list[str], at: int, word: str) -> float:
        """How often the word stands beside these neighbours, or beside what they may have been."""
        best = 0.0
        for beside in (at - 1, at + 1):
            if not 0 <= beside < len(parts):
                continue
            others = [parts[beside]]
            if parts[beside] not in self._known:
                others += [row.word for row in self._guesses.get(parts[beside], ())[:12]]
            pairs = (f"{o} {word}" if beside < at else f"{word} {o}" for o in others)
            best += max((log(1 + self._known[p].count) + 0.5 for p in pairs if p in self._known), default=0.0)
        return best

    def rewritten(self, text: str, *, doubted: bool = False) -> str:
        """The question as it was understood, with marks; empty when every word stands as typed.

        With `doubted`, words that exist but hardly go with their neighbours give way as well.
        """
        meant = [self._meant(word, doubted=doubted) for word in self.words]
        if meant == [word.typed for word in self.words]:
            return ""
        typed = {fold(part): part for part in text.split()}
        written = []
        for at, word in enumerate(self.words):
            if meant[at] == word.typed and word.typed in typed:
                written.append(typed[word.typed])
            else:
                written.append(self._shown(meant, at))
        return " ".join(written)

    def _meant(self, word: Word, *, doubted: bool) -> str:
        for wanted, factor in word.wanted.items():
            if wanted != word.typed and factor >= MEANT and (doubted or word.typed not in word.wanted):
                return wanted
        return word.typed

    def _shown(self, meant: list[str], at: int) -> str:
        """How a syllable is written where it stands: by the pair it makes, else as it mostly is."""
        for beside, place in ((at - 1, 1), (at, 0)):
            if (
                beside >= 0
                and (pair := self._known.get(" ".join(meant[beside : beside + 2])))
                and " " in pair.word
            ):
                return pair.shown.split()[place]
        row = self._spelt.get(meant[at])
        return row.shown if row else meant[at]


def _cuts(word: str) -> list[tuple[str, str]]:
    if not 5 <= len(word) <= 14 or not word.isalpha():
        return []
    return [(word[:at], word[at:]) for at in range(2, len(word) - 1)]


def _pairs(parts: list[str], at: int, word: str) -> list[str]:
    """The pairs a word makes with its neighbours."""
    before = [f"{parts[at - 1]} {word}"] if at > 0 else []
    return before + ([f"{word} {parts[at + 1]}"] if at + 1 < len(parts) else [])


def _rarity(count: int) -> float:
    """A word few names have says more."""
    return log(1 + NAMES / (1 + count))


def _names(words: list[Word], typed: list[str], question: Question) -> list[Named]:
    """Everyday names whose words stand in the question close together; of two, the fuller one."""
    places: dict[str, list[tuple[int, float]]] = {}
    for at, word in enumerate(words):
        for wanted, factor in (word.wanted or {word.typed: 1.0}).items():
            places.setdefault(wanted, []).append((at, factor))
        places.setdefault(word.typed, []).append((at, 1.0))
    for at, short in enumerate(typed):  # short forms may be names themselves
        places.setdefault(short, [(at, 1.0)])
    weights = {word.best: word.weight for word in words} | {word.typed: word.weight for word in words}
    whole = sum(word.weight for word in question.words) or 1.0
    found = []
    for synonym in Synonym.objects.within(sorted(places)):
        said = synonym.folded.split()
        fit = _fit(said, places)
        if not fit:
            continue
        told = {word for word in said if word not in CHAT}
        share = min(sum(weights.get(word, 1.0) for word in told) / whole, 1.0)
        found.append(Named(synonym, synonym.weight / 100 * fit * (0.35 + 0.65 * share)))
    found.sort(key=lambda one: (-len(one.synonym.words), -one.score, one.synonym.pk))
    kept: list[Named] = []
    for one in found:  # "mất giấy khai sinh" says more than "khai sinh" inside it
        mine = set(one.synonym.words)
        fuller = [k for k in kept if mine < set(k.synonym.words) and k.score >= one.score * 0.8]
        if not fuller:
            kept.append(one)
    return sorted(kept, key=lambda one: (-one.score, one.synonym.pk))


def _fit(said: Iterable[str], places: dict[str, list[tuple[int, float]]]) -> float:
    """How well the words of a name stand together in the question: 1 as they are, less with others between."""
    taken: list[int] = []
    factor, turned = 1.0, False
    for word in said:
        last = taken[-1] if taken else -1
        options = places[word]
        after = [option for option in options if option[0] > last]
        at, how = min(after or options, key=lambda option: (abs(option[0] - last), -option[1]))
        turned = turned or not after
        taken.append(at)
        factor *= how
    gap = max(taken) - min(taken) + 1 - len(set(taken))
    if gap > WIDEST_GAP:
        return 0.0
    return factor * (0.7 if turned else 1.0) * (1 - 0.08 * gap)
