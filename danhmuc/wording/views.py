"""Everyday names and situations in life: lists, forms, and who changed what. For procedure controllers alone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import TemplateView

from danhmuc.models import LifeEvent, Procedure, Synonym, User, WordingChange
from danhmuc.services import wording
from danhmuc.text import fold
from danhmuc.wording.forms import KINDS, LifeEventForm, StepFormSet, SynonymForm, steps_of

PAGE = 50


class ControllerPage(TemplateView):
    """Others are refused (403); signing in was asked for before."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let controllers in."""
        if not wording.may_edit(self.person):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Who is asking."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    def seen(self) -> int:
        """The last change the page had shown."""
        text = self.request.POST.get("seen", "")
        return int(text) if text.isdecimal() and len(text) < 19 else 0

    def show(self, **context: Any) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(self.get_context_data(**context))


class Synonyms(ControllerPage):
    """All names, fifty a page, by what they say or where they lead."""

    template_name = "danhmuc/wording/synonyms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page with the names of the procedures it leads to."""
        text = " ".join(self.request.GET.get("tim", "").replace("\x00", "").split())[:160]
        kind = self.request.GET.get("loai", "")
        rows = Synonym.objects.in_use()
        if kind in Synonym.Target.values:
            rows = rows.filter(target_kind=kind)
        if text:
            rows = rows.filter(Q(folded__contains=fold(text) or "-") | Q(target__iexact=text))
        page = Paginator(rows.order_by("folded", "target"), PAGE).get_page(self.request.GET.get("page"))
        found = list(page.object_list)
        names = dict(
            Procedure.objects.filter(code__in=[row.target for row in found]).values_list("code", "name")
        )
        return super().get_context_data(
            page=page,
            rows=[{"synonym": row, "name": names.get(row.target, "")} for row in found],
            text=text,
            kind=kind,
            kinds=Synonym.Target.choices,
            **kwargs,
        )


class SynonymPage(ControllerPage):
    """One name: change it, take it out of use, or add one."""

    template_name = "danhmuc/wording/synonym.html"
    row: Synonym | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the row before any method runs."""
        super().setup(request, *args, **kwargs)
        if pk := kwargs.get("pk"):
            self.row = Synonym.objects.in_use().filter(pk=pk).first()
            if self.row is None and request.user.is_authenticated:
                raise Http404("Không có cách gọi này.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form as the row stands."""
        row = self.row
        initial = {name: getattr(row, name) for name in SynonymForm.base_fields} if row else None
        return self.show(form=SynonymForm(initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save or remove; what was typed stays when it cannot be done."""
        form = SynonymForm(request.POST)
        try:
            if "remove" in request.POST and self.row is not None:
                removed = wording.remove_synonym(self.row.pk, by=self.person, seen=self.seen())
                messages.success(request, f"Đã bỏ cách gọi “{removed.phrase}”.")
                return redirect("danhmuc:synonyms")
            if form.is_valid():
                saved = wording.save_synonym(
                    self.row.pk if self.row else None, form.cleaned_data, by=self.person, seen=self.seen()
                )
                messages.success(request, f"Đã lưu cách gọi “{saved.phrase}”. Tìm kiếm đã theo ngay.")
                return redirect("danhmuc:synonyms")
        except wording.WordingRefused as refused:
            form.is_valid()
            form.add_error(None, str(refused))
        return self.show(form=form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With who changed it last."""
        last = wording.last_change(self.row) if self.row else None
        return super().get_context_data(row=self.row, last=last, **kwargs)


class LifeEvents(ControllerPage):
    """All situations: a few dozen."""

    template_name = "danhmuc/wording/life_events.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """In their order."""
        return super().get_context_data(rows=LifeEvent.objects.filter(is_removed=False)[:200], **kwargs)


class LifeEventPage(ControllerPage):
    """One situation with its procedures in order."""

    template_name = "danhmuc/wording/life_event.html"
    row: LifeEvent | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the row before any method runs."""
        super().setup(request, *args, **kwargs)
        if pk := kwargs.get("pk"):
            self.row = LifeEvent.objects.filter(pk=pk, is_removed=False).first()
            if self.row is None and request.user.is_authenticated:
                raise Http404("Không có việc này.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form as the row stands."""
        row = self.row
        form = LifeEventForm(
            event=row,
            initial={n: getattr(row, n) for n in ("title", "summary", "kind", "order")} if row else None,
        )
        return self.show(
            form=form, wrong=form, steps=StepFormSet(initial=row.steps if row else None, prefix="buoc")
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save or remove; what was typed stays when it cannot be done."""
        form = LifeEventForm(request.POST, event=self.row)
        steps = StepFormSet(request.POST, initial=self.row.steps if self.row else None, prefix="buoc")
        try:
            if "remove" in request.POST and self.row is not None:
                removed = wording.remove_life_event(self.row.pk, by=self.person, seen=self.seen())
                messages.success(request, f"Đã bỏ việc “{removed.title}”.")
                return redirect("danhmuc:life_events")
            if form.is_valid() and steps.is_valid():
                kept = steps_of(steps)
                if kept:
                    values = form.cleaned_data | {"steps": kept}
                    saved = wording.save_life_event(
                        self.row.pk if self.row else None, values, by=self.person, seen=self.seen()
                    )
                    messages.success(request, f"Đã lưu việc “{saved.title}”.")
                    return redirect("danhmuc:life_events")
                form.add_error(None, "Nhập ít nhất một thủ tục cho việc này.")
        except wording.WordingRefused as refused:
            form.is_valid()
            form.add_error(None, str(refused))
        # The first form that has something to put right leads to it.
        wrong = next((one for one in (form, *steps) if one.errors), form)
        return self.show(form=form, steps=steps, wrong=wrong)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With who changed it last."""
        last = wording.last_change(self.row) if self.row else None
        return super().get_context_data(row=self.row, last=last, **kwargs)


class Changes(ControllerPage):
    """Who changed what, newest first, fifty a page."""

    template_name = "danhmuc/wording/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each with what was and what became of it."""
        rows = WordingChange.objects.select_related("by")
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[{"change": change, "lines": _lines(change)} for change in page.object_list],
            **kwargs,
        )


_WORDS = {
    "phrase": "cách gọi",
    "target_kind": "dẫn tới",
    "target": "đích",
    "weight": "trọng số",
    "note": "lưu ý",
    "title": "tên",
    "summary": "tóm tắt",
    "kind": "nhóm",
    "order": "thứ tự",
    "steps": "các thủ tục",
}


def _lines(change: WordingChange) -> list[str]:
    """What changed, a line a value; of what was added or taken away, what it is or was."""
    before, after = change.before or {}, change.after or {}
    lines = []
    for name, words in _WORDS.items():
        old, new = _text(name, before.get(name)), _text(name, after.get(name))
        if old == new:
            continue
        whole = not (before and after)
        lines.append(f"{words}: {new or old}" if whole else f"{words}: {old or 'trống'} → {new or 'trống'}")
    return lines


def _text(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(step["code"]) for step in value)
    if name == "target_kind" and value in Synonym.Target.values:
        return str(Synonym.Target(value).label)
    return dict(KINDS).get(value, str(value)) if value not in (None, "") else ""
