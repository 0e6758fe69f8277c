"""What search stands on, kept in the database: a text vector a procedure, and the vocabulary of the catalogue."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from django.db import connection

from danhmuc import spelling
from danhmuc.models import Field, LifeEvent, Procedure, SearchWord, Synonym
from danhmuc.text import fold, nfc

#: Two syllables in a row are kept when that many names have them; rarer ones only cost room.
FEWEST_PAIRS = 2
BATCH = 2000
_VECTORS = """
    UPDATE danhmuc_procedure AS p SET search = n.search
    FROM (
        SELECT pk, setweight(to_tsvector('simple', name), 'A')
            || setweight(to_tsvector('simple', words), 'B')
            || setweight(to_tsvector('simple', sector), 'C') AS search
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS r(pk, name, words, sector)
    ) AS n
    WHERE p.id = n.pk AND p.search IS DISTINCT FROM n.search
"""


def rebuild() -> int:
    """Vectors and vocabulary of the whole catalogue; how many rows were written, none when nothing has changed."""
    return index_procedures() + build_vocabulary()


def index_procedures(codes: Collection[str] | None = None) -> int:
    """Vectors over folded code, name, everyday words and sector, of all procedures or of these; only what differs."""
    synonyms = Synonym.objects.in_use().filter(
        target_kind__in=[Synonym.Target.PROCEDURE, Synonym.Target.PROCEDURE_INDEX]
    )
    procedures = Procedure.objects.order_by("pk")
    if codes is not None:
        synonyms, procedures = synonyms.filter(target__in=codes), procedures.filter(code__in=codes)
    words: dict[str, list[str]] = defaultdict(list)
    for target, folded in synonyms.values_list("target", "folded"):
        words[target].append(folded)
    pks, names, everyday, sectors = [], [], [], []
    for pk, code, name, sector in procedures.values_list("pk", "code", "name", "field__folded_name"):
        pks.append(pk)
        names.append(f"{code_words(code)} {fold(name)}")
        everyday.append(" ".join(sorted(words.get(code, ()))))
        sectors.append(sector)
    with connection.cursor() as cursor:
        cursor.execute(_VECTORS, [pks, names, everyday, sectors])
        return int(cursor.rowcount)


def code_words(code: str) -> str:
    """A code as people type it: whole, without its dots, and without the part before the first dot."""
    whole = fold(code)
    return " ".join(dict.fromkeys([whole, whole.replace(".", ""), whole.partition(".")[2] or whole]))


def build_vocabulary() -> int:
    """Every syllable the catalogue knows, and the pairs that stand together; how many rows were written."""
    seen = _Seen()
    for name in Procedure.objects.for_people().values_list("name", flat=True):
        seen.add(name)
    for phrase in Synonym.objects.in_use().values_list("phrase", flat=True):
        seen.add(phrase, matters=True)
    for title in LifeEvent.objects.filter(is_removed=False).values_list("title", flat=True):
        seen.add(title, matters=True)
    for sector in Field.objects.values_list("name", flat=True):
        seen.add(sector, matters=True)
    wanted = dict(seen.rows())
    stored = dict(SearchWord.objects.values_list("word", "pk"))
    same = {
        word
        for word, shown, count in SearchWord.objects.values_list("word", "shown", "count")
        if wanted.get(word) == (shown, count)
    }
    gone = [pk for word, pk in stored.items() if word not in wanted]
    SearchWord.objects.filter(pk__in=gone).delete()
    fresh = [_row(word, *rest) for word, rest in wanted.items() if word not in same]
    _write(fresh)
    return len(fresh) + len(gone)


def learn(*texts: str) -> None:
    """Take the words of new names into the vocabulary at once; counts are put right by the next rebuilding."""
    seen = _Seen()
    for text in texts:
        seen.add(text, matters=True)
    rows = {word: _row(word, shown, count) for word, (shown, count) in seen.rows()}
    SearchWord.objects.bulk_create(rows.values(), ignore_conflicts=True)


class _Seen:
    """Counts in how many names a syllable or a pair stands, and how it is mostly written."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._spelt: dict[str, Counter[str]] = defaultdict(Counter)
        self._kept: set[str] = set()

    def add(self, text: str, *, matters: bool = False) -> None:
        written = [w for w in (part.strip(".,;:()“”\"'/-–") for part in nfc(text).lower().split()) if w]
        pairs = [(fold(w), w) for w in written]
        known = [(folded, w) for folded, w in pairs if folded and " " not in folded and folded.isalpha()]
        found = dict(known)
        for (a, x), (b, y) in pairwise(known):
            found[f"{a} {b}"] = f"{x} {y}"
        for folded, shown in found.items():
            self._counts[folded] += 1
            self._spelt[folded][shown] += 1
            if matters or " " not in folded:
                self._kept.add(folded)

    def rows(self) -> Iterator[tuple[str, tuple[str, int]]]:
        """Word → (as it is mostly written, in how many names)."""
        for word, count in self._counts.items():
            if len(word) <= 80 and (word in self._kept or count >= FEWEST_PAIRS):
                spelt = self._spelt[word]
                yield word, (min(spelt, key=lambda one: (-spelt[one], one)), count)


def _row(word: str, shown: str, count: int) -> SearchWord:
    near = [] if " " in word else spelling.keys(word)
    return SearchWord(word=word, shown=shown, count=count, near=near)


def _write(rows: Iterable[SearchWord]) -> None:
    SearchWord.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["word"],
        update_fields=["shown", "count", "near"],
    )
