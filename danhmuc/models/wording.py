"""How people call things: everyday words, situations in life, the vocabulary of search, and who changed them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from danhmuc.models.accounts import User


class Edited(models.Model):
    """A row that comes with the catalogue until a person changes it; from then on a load leaves it alone.

    What a person removed stays as a mark, so that the next load does not bring it back.
    """

    edited_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người sửa",
        editable=False,
    )
    edited_at = models.DateTimeField("sửa lúc", null=True, blank=True, editable=False)
    is_removed = models.BooleanField("đã bỏ", default=False, editable=False)

    class Meta:
        abstract = True


class SynonymQuerySet(models.QuerySet["Synonym"]):
    """Everyday names by the words in them."""

    def in_use(self) -> "SynonymQuerySet":
        """Those not removed."""
        return self.filter(is_removed=False)

    def within(self, words: list[str]) -> "SynonymQuerySet":
        """Those all of whose words stand in a question."""
        return self.in_use().filter(words__contained_by=words)


class Synonym(Edited):
    """Everyday words, old names and dialect for a procedure, a field or a life event; or for what others decide."""

    class Target(models.TextChoices):
        PROCEDURE = "procedure", "Thủ tục"
        PROCEDURE_INDEX = "procedure_index", "Thủ tục trong danh mục quốc gia"
        FIELD = "field", "Lĩnh vực"
        LIFE_EVENT = "life_event", "Việc đời người"
        ELSEWHERE = "elsewhere", "Việc của nơi khác"

    phrase = models.CharField("cách gọi", max_length=160)
    folded = models.CharField("không dấu", max_length=160, db_index=True)
    words = ArrayField(
        models.CharField(max_length=160), verbose_name="từng tiếng", default=list, editable=False
    )
    target_kind = models.CharField("loại đích", max_length=16, choices=Target)
    target = models.CharField("đích", max_length=60)
    weight = models.PositiveSmallIntegerField("trọng số")
    note = models.CharField("ghi chú cho người dân", max_length=300, blank=True)

    objects = SynonymQuerySet.as_manager()

    class Meta:
        verbose_name = "cách gọi khác"
        verbose_name_plural = "cách gọi khác"
        indexes = [GinIndex(fields=["words"], name="synonym_words")]
        constraints = [
            models.UniqueConstraint(fields=["folded", "target_kind", "target"], name="one_synonym_a_target"),
            models.CheckConstraint(
                condition=~Q(target_kind="elsewhere") | ~Q(note=""), name="elsewhere_says_where"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phrase} → {self.target}"


class LifeEvent(Edited):
    """A situation in life or business, with the procedures people then need, in order."""

    key = models.SlugField("khóa", max_length=60, unique=True)
    kind = models.CharField("nhóm", max_length=20)
    title = models.CharField("tên", max_length=160)
    summary = models.CharField("tóm tắt", max_length=400)
    steps = models.JSONField("các thủ tục", default=list)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "việc đời người"
        verbose_name_plural = "việc đời người"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """One syllable, or two in a row, of the catalogue's own words: what a misspelt question is put right by.

    `near` holds the syllable, everything one letter shorter and its sound: two spellings that are one slip apart
    share an entry, and the index on it finds them. An extension for similar spellings is not to be had on every server.
    """

    word = models.CharField("tiếng, không dấu", max_length=80, unique=True)
    shown = models.CharField("viết có dấu", max_length=80)
    count = models.PositiveIntegerField("số tên gọi có")
    near = ArrayField(models.CharField(max_length=82), verbose_name="cách viết gần", default=list)

    class Meta:
        verbose_name = "từ của danh mục"
        verbose_name_plural = "từ của danh mục"
        indexes = [GinIndex(fields=["near"], name="search_word_near")]

    def __str__(self) -> str:
        return self.word


class WordingChange(models.Model):
    """Who changed an everyday word or a situation, when, from what to what. The database keeps every row as it was."""

    class Of(models.TextChoices):
        SYNONYM = "synonym", "Cách gọi khác"
        LIFE_EVENT = "life_event", "Việc đời người"

    of = models.CharField("loại", max_length=12, choices=Of)
    key = models.CharField("của dòng", max_length=160)
    label = models.CharField("tên gọi", max_length=160)
    before = models.JSONField("trước", null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField("sau", null=True, encoder=DjangoJSONEncoder)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người sửa")
    at = models.DateTimeField("lúc")

    class Meta:
        verbose_name = "lần sửa cách gọi"
        verbose_name_plural = "lần sửa cách gọi"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["of", "key", "-id"], name="wording_change_of_row")]

    def __str__(self) -> str:
        return f"{self.label}, {self.by_id}"
