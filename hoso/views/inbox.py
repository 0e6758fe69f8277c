"""The work queue: counters, one list at a time, filters, signing for and handing over many at once."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from config.paging import KnownPaginator
from hoso.forms.lists import QueueFilter, SearchForm
from hoso.models import Dossier, Handover
from hoso.services import dossiers
from hoso.services.errors import Refused
from hoso.views import queues
from hoso.views.base import OfficePage, OfficerRequired
from hoso.views.rows import for_rows, rows

PAGE_SIZE = 25
#: Steps that may be taken for many dossiers at once: name → (button, icon, the queue it stands on).
BULK = {
    "sign_for": ("Ký nhận", "inbox", "ky-nhan"),
    "hand_over": ("Bàn giao cho cơ quan giải quyết", "send", "viec-cua-toi"),
}


class Home(OfficePage):
    """Hộp việc: the list asked for, else the first that holds something."""

    template_name = "hoso/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counters, the list and its filters."""
        reach = queues.reach_of(self.officer)
        counted = queues.counts(reach)
        mine = {queue.key: queue for queue in queues.queues_of(reach)}
        queue = mine.get(self.request.GET.get("muc", "")) or next(
            (q for q in mine.values() if counted.get(q.key)), next(iter(mine.values()), None)
        )
        context = super().get_context_data(**kwargs)
        if queue is None:
            return context | {"queue": None}
        form = QueueFilter(self.request.GET)
        found = form.apply(queue.rows(reach))
        total = None if form.is_narrowing else counted.get(queue.key, 0)
        page = KnownPaginator(found, PAGE_SIZE, known=total).get_page(self.request.GET.get("trang"))
        here = slice(max(page.start_index() - 1, 0), page.end_index())
        return context | {
            "queue": queue,
            "reach": reach,
            "cards": self._cards(mine, counted, queue),
            "filter": form,
            "clear": f"{self.request.path}?muc={queue.key}" if form.is_narrowing else "",
            "page_obj": page,
            "rows": rows(for_rows(found[here]), reach.now, reach.law, action=queue.action),
            "bulk": self._bulk(queue, reach),
            "may_receive": reach.may("accept"),
        }

    def _cards(
        self, mine: dict[str, queues.Queue], counted: dict[str, int], shown: queues.Queue
    ) -> list[dict]:
        return [
            {
                "text": mine[key].title,
                "count": counted.get(key, 0),
                "url": f"{self.request.path}?muc={key}",
                "level": mine[key].level,
                "current": key == shown.key,
            }
            for key in queues.CARDS
            if key in mine
        ][:6]

    def _bulk(self, queue: queues.Queue, reach: queues.Reach) -> list[dict[str, str]]:
        return [
            {"step": step, "label": label, "icon": icon}
            for step, (label, icon, key) in BULK.items()
            if reach.may(step)
            and (key == queue.key or (step == "hand_over" and queue.key == "dang-giai-quyet" and reach.desks))
            and not (step == "hand_over" and not reach.desks)
        ]


class Bulk(OfficerRequired):
    """One step for each ticked dossier; every one has an outcome of its own, and one that fails spoils no other."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The queue the form stands on."""
        return HttpResponseRedirect(reverse("hoso:home"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the step for each, and say what became of it."""
        step = request.POST.get("step", "")
        if step not in BULK:
            raise PermissionDenied
        chosen = request.POST.getlist("hs")[:PAGE_SIZE]
        found = Dossier.objects.visible_to(self.officer).filter(submission_ref__in=chosen)
        done, failed = 0, []
        for pk, ref, code in found.values_list("pk", "submission_ref", "code"):
            try:
                dossiers.advance(pk, step, by=self.officer, **self._facts(step, pk))
                done += 1
            except Refused as refused:
                failed.append(f"{code or ref}: {refused}")
            except PermissionDenied:
                failed.append(f"{code or ref}: ông/bà không có quyền thực hiện bước này.")
        label = BULK[step][0].lower()
        if not chosen:
            messages.warning(request, f"Đánh dấu ít nhất một hồ sơ để {label}.")
        if done:
            messages.success(request, f"Đã {label} {done} hồ sơ.")
        for line in failed:
            messages.error(request, line)
        back = request.POST.get("back", "")
        if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
            back = reverse("hoso:home")
        return HttpResponseRedirect(back)

    def _facts(self, step: str, pk: int) -> dict[str, Any]:
        if step != "sign_for":
            return {}
        waiting = (
            Handover.objects.filter(dossier_id=pk, signed_at=None, recalled_at=None).order_by("seq").first()
        )
        return {"what": waiting.what} if waiting else {}


class Shortcuts(OfficerRequired):
    """Switches single-letter keys off and on again for the person (WCAG 2.1.4)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page the button stands on."""
        return HttpResponseRedirect(reverse("hoso:home"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Turn them the other way."""
        officer = self.officer
        officer.shortcut_keys = not officer.shortcut_keys
        officer.save(update_fields=["shortcut_keys"])
        return HttpResponseRedirect(reverse("hoso:home"))


class Search(OfficePage):
    """One box for everything: code, reference, name with or without marks, identity number, telephone."""

    template_name = "hoso/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Control characters (a pasted cell, a scanner's prefix) are dropped from the address and the box."""
        typed = request.GET.get("q", "")
        plain = "".join(c for c in typed if c.isprintable())
        if plain != typed:
            return HttpResponseRedirect(f"{request.path}?{urlencode({'q': plain})}")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The newest matches among what the officer may read."""
        form = SearchForm(self.request.GET)
        words = form.words()
        reach = queues.reach_of(self.officer)
        found = Dossier.objects.visible_to(self.officer).matching(words).order_by("-pk") if words else None
        # One row more than shown says whether there are further ones, without counting history.
        shown = for_rows(found[: PAGE_SIZE + 1]) if found is not None else []
        return super().get_context_data(**kwargs) | {
            "words": words,
            "rows": rows(shown[:PAGE_SIZE], reach.now, reach.law),
            "more": len(shown) > PAGE_SIZE,
        }
