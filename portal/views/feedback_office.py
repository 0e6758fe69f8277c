"""The officers' side of feedback: the queue, one item, its steps, its files. Officers only; another's item is a 404."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from config.formats import vndatetime
from danhmuc.models import Agency, User
from danhmuc.worktime import describe_left
from hoso.models import Dossier
from hoso.services import documents, serving
from hoso.services.errors import Refused
from hoso.services.law import Law
from portal import access
from portal.forms import feedback_office as forms
from portal.lifecycle import ENDED, State
from portal.models import Feedback, FeedbackEvent, FeedbackFile, FeedbackReading
from portal.services.feedback import following, letters, notices
from portal.services.feedback.consequences import open_answer
from portal.services.feedback.door import StepRefused, advance, label_of, steps_for
from portal.views import feedback_queues as queues

PAGE_SIZE = 25
LEVELS: dict[str, tuple[str, str]] = {
    State.NEW: ("info", "inbox"),
    State.FORWARDED: ("info", "send"),
    State.ACCEPTED: ("info", "clock"),
    State.IN_PROGRESS: ("info", "clock"),
    State.TO_SIGN: ("info", "stamp"),
    State.NEEDS_INFO: ("wait", "pause"),
    State.ANSWERED: ("ok", "check-circle"),
    State.PUBLISHED: ("ok", "check-circle"),
    State.REJECTED: ("late", "no-entry"),
    State.NOT_FEEDBACK: ("off", "info"),
}


@dataclass(frozen=True)
class Step:
    """A step with a page: its form and wording."""

    name: str
    form: type[forms.StepForm]
    told: str
    icon: str = "next"
    style: str = "outline-primary"
    lead: str = ""
    danger: bool = False
    key: str = ""
    fragment: str = ""


#: In the order of their buttons: what moves the item on comes first.
STEPS: tuple[Step, ...] = (
    Step("accept", forms.AcceptForm, "Đã tiếp nhận; người gửi được báo hạn trả lời.", "check-circle", "primary", key="F9"),
    Step("sign", forms.StepForm, "Đã ký; văn bản trả lời được gửi cho người gửi.", "stamp", "primary", key="F9",
         fragment="portal/office/draft.html"),
    Step("propose", forms.AnswerForm, "Đã trình ký.", "edit", "primary", key="F9"),
    Step("publish", forms.PublishForm, "Đã công khai.", "screen", "primary", key="F9",
         fragment="portal/office/publish.html"),
    Step("assign", forms.AssignForm, "Đã giao người xử lý.", "user"),
    Step("return_draft", forms.ReturnForm, "Đã trả lại dự thảo.", "return", fragment="portal/office/return.html"),
    Step("ask_info", forms.AskForm, "Đã gửi yêu cầu; thời hạn tạm dừng đến khi người gửi trả lời.", "question", key="F8"),
    Step("give_info", forms.InfoForm, "Đã ghi thông tin bổ sung; thời hạn chạy tiếp.", "edit", "primary"),
    Step("forward", forms.ForwardForm, "Đã chuyển; người gửi được báo.", "send",
         lead="Cơ quan nhận có 05 ngày làm việc kể từ lần đầu nhận phản ánh này. Việc chuyển cũng phải xong trong 05 ngày làm việc."),
    Step("note", forms.NoteForm, "Đã ghi chú.", "message"),
    Step("urge", forms.UrgeForm, "Đã đôn đốc.", "bell"),
    Step("guide_elsewhere", forms.ElsewhereForm, "Đã hướng dẫn người gửi.", "info",
         lead="Dùng khi nội dung là khiếu nại hoặc tố cáo. Phản ánh kết thúc ở đây và không bao giờ được công khai."),
    Step("unpublish", forms.UnpublishForm, "Đã gỡ khỏi trang công khai.", "close", "outline-danger", danger=True),
    Step("reject", forms.RejectForm, "Đã trả lời không tiếp nhận.", "no-entry", "outline-danger", danger=True),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}


class OfficePage(View):
    """Officers only; a citizen or postman who tries an address of it is refused."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse other accounts (403); signing in was asked for before."""
        user = request.user
        if user.is_authenticated and not (isinstance(user, User) and user.is_officer):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def officer(self) -> User:
        """Who is asking."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    def get_feedback(self, code: str) -> Feedback:
        """The item, when the officer may read it."""
        found = (
            Feedback.objects.visible_to(self.officer)
            .select_related("agency", "asked_agency", "field", "assignee", "sender", "dossier")
            .filter(code=code)
            .first()
        )
        if found is None:
            raise Http404("Không có phản ánh với mã này.")
        return found

    def note_reading(self, feedback: Feedback, what: str) -> None:
        """Every reading by staff is kept (domain §19.4)."""
        FeedbackReading.objects.create(
            user=self.officer,
            feedback=feedback,
            what=what[:160],
            ip=self.request.META.get("REMOTE_ADDR") or None,
            at=timezone.now(),
        )


class Queue(OfficePage, TemplateView):
    """The list asked for, else the first that holds something."""

    template_name = "portal/office/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counters, the list and its filters."""
        reach = queues.reach_of(self.officer)
        mine = {queue.key: queue for queue in queues.queues_of(reach)}
        counted = queues.counts(reach)
        queue = mine.get(self.request.GET.get("muc", "")) or next(
            (q for q in mine.values() if counted.get(q.key)), next(iter(mine.values()))
        )
        rows = queue.rows(reach).select_related("agency", "assignee")
        among = Agency.objects.filter(pk__in=rows.order_by().values("agency_id")).order_by("name")
        data, form = forms.OfficeFilter.read(self.request.GET, list(among.values_list("pk", "name")[:200]))
        form.initial["muc"] = queue.key
        page = Paginator(self._narrow(rows, data), PAGE_SIZE).get_page(self.request.GET.get("trang"))
        home = reverse("portal:feedback_office")
        return super().get_context_data(
            queue=queue,
            cards=[
                {
                    "text": q.title,
                    "count": counted.get(q.key, 0),
                    "url": f"{home}?muc={q.key}",
                    "level": q.level,
                    "current": q.key == queue.key,
                }
                for q in mine.values()
                if q.key != "da-xong"
            ],
            may_write=access.may_take_in(self.officer),
            finished=f"{home}?muc=da-xong" if "da-xong" in mine else "",
            filter=form,
            clear=f"{home}?muc={queue.key}"
            if any(data.get(name) for name in ("chu", "loai", "co_quan"))
            else "",
            page_obj=page,
            rows=list(_rows(page.object_list, reach)),
            **kwargs,
        )

    def _narrow(self, rows: Any, data: dict[str, Any]) -> Any:
        if words := (data.get("chu") or "").strip():
            rows = rows.filter(
                Q(code__iexact=words) | Q(sender_name__icontains=words) | Q(dossier_code__iexact=words)
            )
        if data.get("loai"):
            rows = rows.filter(kind=data["loai"])
        if data.get("co_quan"):
            rows = rows.filter(agency_id=data["co_quan"])
        return rows


def _rows(found: Iterable[Feedback], reach: queues.Reach) -> Iterable[dict[str, Any]]:
    """Rows of the list; calendars are read once, however many agencies it names."""
    law = Law()
    for item in found:
        running = item.state not in ENDED and item.state != State.NEEDS_INFO and item.due_at is not None
        left = (
            describe_left(law.calendar(item.agency, reach.now), reach.now, item.due_at)
            if running and item.due_at
            else None
        )
        level, icon = LEVELS[item.state]
        yield {
            "code": item.code,
            "title": item.title,
            "sender": item.sender_name,
            "url": reverse("portal:feedback_case", args=[item.code]),
            "kind": item.get_kind_display(),
            "national": item.is_from_nation,
            # Whoever works for one agency knows which; a supervisor looks at many.
            "agency": item.agency.name if reach.scopes else "",
            "who": item.assignee.full_name if item.assignee else ("" if item.state in ENDED else "Chưa giao"),
            "state": {"text": item.get_state_display(), "level": level, "icon": icon},
            "left": left,
            "due_at": item.due_at if running else None,
            "css": "late" if left and left.level == "late" else "",
            "received_at": item.received_at,
        }


class Case(OfficePage):
    """One item: what was written, who holds it, what may be done."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Everything about it; the opening is kept in the reading log."""
        feedback = self.get_feedback(code)
        self.note_reading(feedback, "mở phản ánh")
        return render(request, "portal/office/case.html", case_context(feedback, self.officer))


def case_context(feedback: Feedback, user: User) -> dict[str, Any]:
    """What the page of an item shows."""
    now = timezone.now()
    events = list(feedback.events.select_related("agency", "actor").order_by("seq"))
    steps = set(steps_for(feedback, user))
    level, icon = LEVELS[feedback.state]
    dossier = feedback.dossier
    readable = dossier is not None and Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists()
    return {
        "feedback": feedback,
        "state": {"text": feedback.get_state_display(), "level": level, "icon": icon},
        "buttons": [
            {
                "label": label_of(step.name),
                "url": reverse("portal:feedback_step", args=[feedback.code, step.name]),
                "icon": step.icon,
                "style": step.style,
                "key": step.key,
            }
            for step in STEPS
            if step.name in steps
        ],
        "clocks": following.clocks(
            feedback,
            events,
            now,
            paused="Đang tạm dừng, chờ người gửi bổ sung; những ngày chờ không tính vào thời hạn.",
        ),
        "national": _national(feedback),
        "facts": _facts(feedback, dossier if readable else None),
        "files": [
            {
                "name": file.name,
                "size": file.size,
                "url": reverse("portal:feedback_office_file", args=[feedback.code, file.pk]),
                "note": f"{file.get_kind_display()}, {vndatetime(file.added_at)}",
                "level": "off" if file.virus_check == "clean" else "soon",
                "mark": "" if file.virus_check == "clean" else file.get_virus_check_display(),
            }
            for file in feedback.files.filter(kind=FeedbackFile.Kind.SENT)
        ],
        "answers": list(feedback.answers.select_related("signed_by", "drafted_by").order_by("-seq")),
        "timeline": [_line(event) for event in reversed(events)],
        "holdings": list(feedback.holdings.select_related("agency")),
        "notices": notices.told(feedback, events),
        "proposed": feedback.state == State.NEEDS_INFO
        and bool(feedback.wait_until and feedback.wait_until < now),
    }


def _national(feedback: Feedback) -> list[dict[str, str]]:
    """The national system's dates, as rows."""
    rows = [
        ("Tiếp nhận hoặc trả lại trước", feedback.review_due_at),
        ("Công khai trước", feedback.publish_due_at),
    ]
    return [{"label": label, "value": vndatetime(at)} for label, at in rows if at]


def _facts(feedback: Feedback, dossier: Dossier | None) -> list[dict[str, str]]:
    reply = {"email": "thư điện tử", "sms": "tin nhắn"}.get(
        feedback.reply_by, "thư gửi đến địa chỉ" if feedback.answers_by_letter else "trang theo dõi"
    )
    rows = [
        ("Loại", feedback.get_kind_display()),
        ("Lĩnh vực", feedback.field.name if feedback.field else "Chưa xác định"),
        (
            "Nguồn",
            feedback.get_source_display() + (f", mã {feedback.external_id}" if feedback.external_id else ""),
        ),
        ("Nhận lúc", vndatetime(feedback.received_at)),
        ("Người gửi", feedback.sender_name + (" (có tài khoản)" if feedback.sender_id else "")),
        ("Điện thoại", feedback.phone.replace("+84", "0", 1)),
        ("Thư điện tử", feedback.email),
        ("Địa chỉ", feedback.address),
        ("Báo tin qua", reply),
        ("Công khai", "Người gửi đồng ý" if feedback.agrees_to_publish else "Người gửi không đồng ý"),
        ("Người gửi chọn", feedback.asked_agency.name if feedback.asked_agency else "Không biết cơ quan nào"),
        ("Đang ở", feedback.agency.name),
        ("Người xử lý", feedback.assignee.full_name if feedback.assignee else "Chưa giao"),
        (
            "Đánh giá",
            feedback.get_rating_display() + (f": {feedback.rating_note}" if feedback.rating_note else ""),
        ),
    ]
    found = [{"label": label, "value": value} for label, value in rows if value]
    if feedback.dossier_code:
        row = {"label": "Hồ sơ", "value": feedback.dossier_code}
        if dossier is None and feedback.dossier_id is None:
            row["value"] += " (không có hồ sơ với mã này)"
        found.insert(3, row)
    return found


def _line(event: FeedbackEvent) -> dict[str, Any]:
    who = event.actor.full_name if event.actor else "Người gửi"
    words = [f"{who}, {event.agency.name}."]
    if event.name == "forward":
        words = [f"{who}, chuyển đến {event.data.get('to_name', '')}."]
        if event.data.get("late"):
            words.append("Chuyển sau hạn 05 ngày làm việc.")
    if event.name == "assign":
        words.append(f"Giao {event.data.get('assignee', '')}.")
    if event.data.get("number"):
        words.append(f"Số {event.data['number']}.")
    if event.note:
        words.append(event.note)
    return {"at": event.at, "title": label_of(event.name), "text": " ".join(words)}


class StepPage(OfficePage):
    """One step as a page: a form, what it leads to, one call of the door. What was typed stays when it is refused."""

    step: Step

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which step the address names."""
        super().setup(request, *args, **kwargs)
        found = BY_NAME.get(kwargs["step"])
        if found is None:
            raise Http404
        self.step = found

    def get(self, request: HttpRequest, code: str, step: str) -> HttpResponse:
        """The form, or back to the item with a word when it no longer stands at this step."""
        feedback = self.get_feedback(code)
        if self.step.name not in steps_for(feedback, self.officer):
            if not access.may_take(feedback, self.officer, self.step.name):
                raise PermissionDenied
            messages.warning(
                request,
                f"“{label_of(self.step.name)}” không thực hiện được lúc này. Trang dưới đây là tình trạng hiện tại.",
            )
            return redirect("portal:feedback_case", code)
        self.note_reading(feedback, f"mở bước {label_of(self.step.name)}")
        return self.show(feedback, self.make_form(feedback))

    def post(self, request: HttpRequest, code: str, step: str) -> HttpResponse:
        """Take the step."""
        feedback = self.get_feedback(code)
        if not access.may_take(feedback, self.officer, self.step.name):
            raise PermissionDenied
        form = self.make_form(feedback, data=request.POST)
        if self._seen() != feedback.last_seq:
            last = feedback.events.select_related("actor").order_by("-seq").first()
            return self.too_late(form, StepRefused(last))
        if not form.is_valid():
            return self.show(feedback, form, seen=self._seen())
        name = "draft" if self.step.name == "propose" and "_later" in request.POST else self.step.name
        try:
            advance(
                feedback.pk,
                name,
                by=self.officer,
                seen=self._seen(),
                note=form.cleaned_data.get("note", ""),
                **form.facts(),
            )
        except StepRefused as refused:
            return self.too_late(form, refused)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(feedback, form, seen=self._seen())
        messages.success(request, "Đã lưu dự thảo trả lời." if name == "draft" else self.step.told)
        if Feedback.objects.visible_to(self.officer).filter(pk=feedback.pk).exists():
            return HttpResponseRedirect(reverse("portal:feedback_case", args=[code]))
        return HttpResponseRedirect(reverse("portal:feedback_office"))

    def make_form(self, feedback: Feedback, **kwargs: Any) -> forms.StepForm:
        """The bound or empty form of this step."""
        return self.step.form(feedback=feedback, user=self.officer, **kwargs)

    def _seen(self) -> int:
        try:
            return int(self.request.POST["seen"])
        except (KeyError, ValueError):
            return -1  # a page without it is older than any event

    def too_late(self, form: forms.StepForm, refused: StepRefused) -> HttpResponse:
        """Somebody was faster: their name, the item as it now is, and everything typed still there."""
        feedback = self.get_feedback(form.feedback.code)
        still = self.step.name in steps_for(feedback, self.officer)
        return self.show(feedback, form, status=409, stale=str(refused), still=still)

    def show(
        self,
        feedback: Feedback,
        form: forms.StepForm,
        *,
        status: int = 200,
        seen: int | None = None,
        stale: str = "",
        still: bool = True,
    ) -> HttpResponse:
        """Draw the page."""
        draft = open_answer(feedback)
        context = {
            "form": form,
            "feedback": feedback,
            "step": self.step,
            "title": label_of(self.step.name),
            "draft": draft,
            "removed": form.proposal.removed if isinstance(form, forms.PublishForm) else (),
            "seen": feedback.last_seq if seen is None else seen,
            "stale": stale,
            "still": still,
        }
        return render(self.request, "portal/office/step.html", context, status=status)


class OfficeFile(OfficePage):
    """A file the sender sent."""

    def get(self, request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
        """The bytes; the reading is kept."""
        feedback = self.get_feedback(code)
        file = get_object_or_404(feedback.files, pk=pk)
        try:
            opened = documents.open_stored(file)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("portal:feedback_case", code)
        self.note_reading(feedback, f"mở tệp {file.name}")
        return serving.respond(file, opened, as_download="tai" in request.GET)


class OfficeAnswer(OfficePage):
    """The written reply as PDF."""

    def get(self, request: HttpRequest, code: str, seq: int) -> HttpResponseBase:
        """The bytes, made now when nobody has asked before."""
        feedback = self.get_feedback(code)
        answer = get_object_or_404(feedback.answers, seq=seq, signed_at__isnull=False)
        try:
            file = letters.file(answer)
            opened = documents.open_stored(file)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("portal:feedback_case", code)
        self.note_reading(feedback, f"mở văn bản trả lời {answer.number}")
        return serving.respond(file, opened, as_download="tai" in request.GET)
