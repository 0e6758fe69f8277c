"""Following what became of an item, and answering back: by account, or by code and contact."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from hoso.models import Notice
from hoso.services import documents, serving
from hoso.services.errors import Refused
from portal.access import SENDER
from portal.forms.feedback import MOST_FILES, FollowForm, InfoForm, RateForm, ReopenForm, kinds
from portal.lifecycle import State
from portal.models import Feedback, FeedbackFile
from portal.services import kept
from portal.services.feedback import attachments, following, guards, intake, letters
from portal.services.feedback.door import StepRefused, advance, steps_for
from portal.services.lookup import TooMany, tidy
from portal.views.base import PublicMixin

#: Items a browser has shown to be its own (by the code, or by code and contact), for a while.
SHOWN = "phan-anh"
SHOWN_FOR = timedelta(hours=2)
PAGE = 10


def remember(request: HttpRequest, feedback: Feedback) -> None:
    """This browser may follow the item for the next hours."""
    known = dict(list(request.session.get(SHOWN, {}).items())[-20:])
    request.session[SHOWN] = known | {feedback.code: timezone.now().isoformat()}


def is_senders(request: HttpRequest, feedback: Feedback) -> bool:
    """Whether whoever asks has shown to be the sender."""
    if request.user.is_authenticated and feedback.sender_id == request.user.pk:
        return True
    since = request.session.get(SHOWN, {}).get(feedback.code)
    return bool(since) and datetime.fromisoformat(since) > timezone.now() - SHOWN_FOR


def own(request: HttpRequest, code: str) -> Feedback:
    """The sender's own item; another's does not exist."""
    feedback = (
        Feedback.objects.exclude(state=State.UNCONFIRMED)
        .select_related("agency", "asked_agency", "sender")
        .filter(code=code)
        .first()
    )
    if feedback is None or not is_senders(request, feedback):
        raise Http404
    return feedback


def address_of(request: HttpRequest) -> str:
    """Where the request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))


class Keeping(PublicMixin):
    """A public page that gives back what was typed when its secret was out of date (`views.refused`)."""

    request: HttpRequest

    def typed_before(self) -> Any:
        """What was typed, once; None on an ordinary look."""
        found = kept.give_back(self.request)
        if found is None:
            return None
        text = _("Thông tin ông/bà vừa nhập vẫn còn dưới đây, chưa gửi. Xem lại rồi bấm gửi.")
        if found[1]:
            text += " " + _("Tệp đính kèm phải chọn lại.")
        messages.warning(self.request, text)
        return found[0]


class Follow(PublicMixin, TemplateView):
    """One's own items when signed in, and the look-up by code and contact for everyone."""

    template_name = "portal/feedback_follow.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, with the code of the address filled in; one's own item opens at once."""
        code = tidy(request.GET.get("ma", ""))
        if code and request.user.is_authenticated:
            mine = Feedback.objects.filter(code=code, sender_id=request.user.pk).exists()
            if mine:
                return redirect("portal:feedback_item", code=code)
        return self.show(FollowForm(initial={"ma": code}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """By POST, so that the digits stand in no address and no log."""
        form = FollowForm(request.POST)
        if form.is_valid():
            try:
                found = following.find(
                    form.cleaned_data["ma"], form.cleaned_data["so"], address=address_of(request)
                )
            except TooMany:
                form.add_error(None, _("Đã tra cứu nhiều lần. Hãy thử lại sau 10 phút."))
                return self.show(form, status=429)
            if found is not None:
                remember(request, found)
                return redirect("portal:feedback_item", code=found.code)
            form.add_error(
                None,
                _(
                    "Không có phản ánh với mã này và liên hệ này. Kiểm tra lại mã và 4 số cuối điện thoại, hoặc gọi 1022."
                ),
            )
            return self.show(form, status=404)
        return self.show(form)

    def show(self, form: FollowForm, *, status: int = 200) -> HttpResponse:
        """Draw the page."""
        page = self.page()
        mine = self.rows(page.object_list) if page else []
        return self.render_to_response({"form": form, "mine": mine, "page": page}, status=status)

    def page(self) -> Page[Any] | None:
        """The signed-in sender's items, newest first."""
        if not self.request.user.is_authenticated:
            return None
        found = Feedback.objects.filter(sender_id=self.request.user.pk).exclude(state=State.UNCONFIRMED)
        rows = found.select_related("agency").order_by("-pk")
        return Paginator(rows, PAGE).get_page(self.request.GET.get("page"))

    def rows(self, found: Iterable[Feedback]) -> list[dict[str, Any]]:
        """As the page shows them."""
        now = timezone.now()
        letters_unread = Notice.objects.filter(
            recipient_id=self.request.user.pk,
            channel=Notice.Channel.PORTAL,
            read_at=None,
            key__startswith="PA-",
        )
        unread = {key.partition(":")[0] for key in letters_unread.values_list("key", flat=True)[:200]}
        news = {"text": _("Có thông báo mới"), "level": "soon", "icon": "bell"}
        return [
            {
                "code": item.code,
                "title": item.title,
                "url": reverse("portal:feedback_item", kwargs={"code": item.code}),
                "agency": item.agency.name,
                "sent_at": item.received_at,
                "tags": following.tag(item, now) + ([news] if item.code in unread else []),
            }
            for item in found
        ]


class Item(PublicMixin, TemplateView):
    """One item: whose turn, which dates, what was answered, what has happened."""

    template_name = "portal/feedback_item.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Everything the sender may know."""
        feedback = own(request, kwargs["code"])
        events = list(feedback.events.select_related("agency").order_by("seq"))
        now = timezone.now()
        if feedback.sender_id is not None:  # what was shown has been read
            Notice.objects.filter(
                recipient_id=feedback.sender_id, key__startswith=f"{feedback.code}:", read_at=None
            ).update(read_at=now)
        steps = steps_for(feedback, SENDER)
        asked = next((e for e in reversed(events) if e.name == "ask_info"), None)
        turned = next((e for e in reversed(events) if e.name in {"reject", "guide_elsewhere"}), None)
        context = {
            "feedback": feedback,
            "kind": str(dict(kinds())[feedback.kind]),
            "tags": following.tag(feedback, now),
            "clocks": following.clocks(feedback, events, now),
            "late": following.why_late(feedback, events, now),
            "asked": asked if feedback.state == State.NEEDS_INFO else None,
            "turned": turned if feedback.state in {State.REJECTED, State.NOT_FEEDBACK} else None,
            "answers": following.answers(feedback),
            "files": [
                {
                    "name": file.name,
                    "size": file.size,
                    "url": reverse("portal:feedback_file", kwargs={"code": feedback.code, "pk": file.pk}),
                }
                for file in feedback.files.filter(kind=FeedbackFile.Kind.SENT)
            ],
            "history": following.history(feedback, events),
            "may_rate": "rate" in steps,
            "may_reopen": "reopen" in steps,
            "reopen_days": guards.REOPENABLE.days,
        }
        return self.render_to_response(context)


class SenderStep(Keeping, TemplateView):
    """A step of the sender's as a page; what was typed stays when the step is refused or the session is over."""

    step = ""
    form_class: type[Any] = RateForm
    #: What the sender reads after the step.
    done: Any = ""
    feedback: Feedback

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever has to show again who they are finds their words after it."""
        try:
            self.feedback = own(request, kwargs["code"])
        except Http404:
            if request.method != "POST":
                raise
            answer = redirect(f"{reverse('portal:feedback_follow')}?ma={tidy(kwargs['code'])}")
            if kept.keep(request, answer):
                messages.info(request, _("Hãy nhập lại mã và liên hệ. Thông tin vừa nhập vẫn được giữ."))
            return answer
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or back with a word when the item no longer stands there."""
        if self.step not in steps_for(self.feedback, SENDER):
            return self.elsewhere()
        initial: dict[str, Any] = {"seen": self.feedback.last_seq}
        if (typed := self.typed_before()) is not None:
            initial = typed.dict() | initial
        return self.show(self.form_class(initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the step."""
        form = self.form_class(request.POST, request.FILES)
        valid = form.is_valid()
        taken = attachments.take(
            form.cleaned_data.get("attached") or [],
            request.POST.getlist("kept"),
            most=MOST_FILES,
            address=None if request.user.is_authenticated else address_of(request),
        )
        for problem in taken.problems:
            form.add_error("attached", problem)
        if not valid or taken.problems:
            return self.show(form, taken)
        try:
            self.take(form, taken)
        except StepRefused:
            return self.overtaken(form.cleaned_data["seen"], taken)
        except Refused as error:
            form.add_error(None, error.told)
            return self.show(form, taken)
        messages.success(request, str(self.done))
        return redirect("portal:feedback_item", code=self.feedback.code)

    def take(self, form: Any, taken: attachments.Taken) -> None:
        """Call the door."""
        data = form.cleaned_data
        advance(self.feedback.pk, self.step, by=SENDER, seen=data["seen"], note=data.get("text", ""))

    def overtaken(self, seen: int | None, taken: attachments.Taken) -> HttpResponse:
        """The agency was faster. While the step may still be taken, words and files stay on the page."""
        self.feedback = own(self.request, self.kwargs["code"])
        since = self.feedback.events.filter(seq__gt=seen or 0, name=self.step)
        if self.step not in steps_for(self.feedback, SENDER) or since.exists():
            return self.elsewhere()
        messages.warning(
            self.request,
            _(
                "Phản ánh vừa có thay đổi khác. Nội dung và tệp vừa nhập vẫn còn ở dưới; xem lại rồi bấm gửi lần nữa."
            ),
        )
        data = self.request.POST.copy()
        data["seen"] = str(self.feedback.last_seq)
        return self.show(self.form_class(data), taken)

    def elsewhere(self) -> HttpResponse:
        """The item has moved on, perhaps by an earlier press of the same button."""
        messages.info(self.request, _("Trang dưới đây là tình trạng hiện tại của phản ánh."))
        return redirect("portal:feedback_item", code=self.feedback.code)

    def show(self, form: Any, taken: attachments.Taken | None = None) -> HttpResponse:
        """Draw the page."""
        asked = self.feedback.events.filter(name="ask_info").order_by("-seq").first()
        return self.render_to_response(
            {"form": form, "feedback": self.feedback, "kept": taken.slips if taken else [], "asked": asked}
        )


class GiveInfo(SenderStep):
    """Answer a question of the agency's."""

    step = "give_info"
    form_class = InfoForm
    template_name = "portal/feedback_info.html"

    done = gettext_lazy("Đã gửi thông tin bổ sung. Thời hạn trả lời tiếp tục được tính.")

    def take(self, form: Any, taken: attachments.Taken) -> None:
        """Words and files together."""
        intake.give_info(
            self.feedback.pk, form.cleaned_data["text"], taken.files, seen=form.cleaned_data["seen"]
        )


class Rate(SenderStep):
    """Say whether the answer does."""

    step = "rate"
    form_class = RateForm
    template_name = "portal/feedback_rate.html"

    done = gettext_lazy("Đã ghi nhận đánh giá. Cảm ơn ông/bà.")

    def take(self, form: Any, taken: attachments.Taken) -> None:
        """The rating and a word with it."""
        data = form.cleaned_data
        advance(
            self.feedback.pk,
            "rate",
            by=SENDER,
            seen=data["seen"],
            note=data["comment"],
            rating=data["rating"],
        )


class Reopen(SenderStep):
    """Ask once more."""

    step = "reopen"
    form_class = ReopenForm
    template_name = "portal/feedback_reopen.html"

    done = gettext_lazy("Đã gửi đề nghị xem lại. Cơ quan trả lời trong 05 ngày làm việc.")


class File(PublicMixin, View):
    """A file the sender sent, or the signed answer."""

    def get(self, request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
        """The bytes."""
        feedback = own(request, code)
        file = get_object_or_404(feedback.files, pk=pk, kind=FeedbackFile.Kind.SENT)
        try:
            return serving.respond(file, documents.open_stored(file), as_download="tai" in request.GET)
        except Refused as error:
            messages.error(request, error.told)
            return redirect("portal:feedback_item", code=code)


class AnswerFile(PublicMixin, View):
    """The written reply as PDF; made now when nobody has asked for it before."""

    def get(self, request: HttpRequest, code: str, seq: int) -> HttpResponseBase:
        """The bytes."""
        feedback = own(request, code)
        answer = get_object_or_404(feedback.answers, seq=seq, signed_at__isnull=False)
        try:
            file = letters.file(answer)
            return serving.respond(file, documents.open_stored(file), as_download="tai" in request.GET)
        except Refused as error:
            messages.error(request, error.told)
            return redirect("portal:feedback_item", code=code)
