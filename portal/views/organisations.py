"""Organisations: those one acts for, their members, invitations."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from config.ui import sentence
from danhmuc.models import Membership, User
from hoso.services import organisations
from hoso.services.errors import Refused
from portal.forms.accounts import InviteForm
from portal.services import limits
from portal.services.accounts import DAY
from portal.views.profile import AccountView

#: Invitations a day from one organisation; each may become a letter to a stranger.
INVITED_A_DAY = 50


class Organisations(AccountView):
    """The organisations one acts for, and invitations to answer."""

    template_name = "portal/account/organisations.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An organisation's own account goes straight to its members."""
        if self.person.kind == User.Kind.ORGANISATION:
            return redirect("portal:members", pk=self.person.pk)
        return self.render_to_response(
            {
                "organisations": organisations.organisations_of(self.person),
                "invitations": organisations.invitations_for(self.person),
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept or decline; an invitation that was taken back meanwhile is told."""
        pk = request.POST.get("_accept") or request.POST.get("_decline") or ""
        try:
            found = organisations.answer(
                int(pk) if pk.isdecimal() else 0, by=self.person, accept="_accept" in request.POST
            )
        except Membership.DoesNotExist:
            messages.info(request, _("Lời mời này không còn, hoặc ông/bà đã trả lời."))
            return redirect("portal:organisations")
        name = found.organisation.full_name
        if found.accepted_at:
            messages.success(
                request,
                sentence(
                    _(
                        "Ông/bà đã là thành viên của %(name)s. Khi nộp hồ sơ, chọn nộp cho mình hay cho tổ chức."
                    ),
                    name=name,
                ),
            )
        else:
            messages.success(request, sentence(_("Đã từ chối lời mời của %(name)s."), name=name))
        return redirect("portal:organisations")


class Members(AccountView):
    """Who acts for an organisation. Members see it; the organisation's account and managers change it."""

    template_name = "portal/account/members.html"
    organisation: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Only an organisation one acts for exists."""
        super().setup(request, *args, **kwargs)
        if isinstance(request.user, User):
            self.organisation = get_object_or_404(
                organisations.organisations_of(request.user), pk=kwargs["pk"]
            )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list."""
        return self.show(InviteForm())

    def show(self, form: Form) -> HttpResponse:
        """Draw it."""
        manages = organisations.may_manage(self.person, self.organisation)
        members = list(organisations.members_of(self.organisation))
        return self.render_to_response(
            {
                "organisation": self.organisation,
                "manages": manages,
                "members": members,
                "mine": next((m for m in members if m.user_id == self.person.pk), None),
                "invited": list(organisations.invited_to(self.organisation)) if manages else [],
                "form": form,
                "manager": Membership.Role.MANAGER,
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One of the things a manager does, or leaving."""
        try:
            for name, act in (("_end", self.end), ("_role", self.give_role)):
                if name in request.POST:
                    pk = request.POST[name]
                    return act(int(pk) if pk.isdecimal() else 0)
            return self.invite()
        except Membership.DoesNotExist:
            raise Http404 from None

    def invite(self) -> HttpResponse:
        """The answer is the same whether or not such an account exists."""
        if not organisations.may_manage(self.person, self.organisation):
            raise Http404
        form = InviteForm(self.request.POST)
        if form.is_valid():
            try:
                if limits.count(f"moi:{self.organisation.pk}", DAY) > INVITED_A_DAY:
                    raise Refused(_("Hôm nay đã mời nhiều người. Mời tiếp vào ngày mai."))
                organisations.invite(
                    self.organisation,
                    by=self.person,
                    role=form.cleaned_data["role"],
                    **form.cleaned_data["who"],
                )
                messages.success(
                    self.request,
                    _("Đã mời. Người được mời thấy lời mời khi đăng nhập và tự nhận lời hoặc từ chối."),
                )
                return redirect("portal:members", pk=self.organisation.pk)
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form)

    def end(self, pk: int) -> HttpResponse:
        """Leave, remove, or take back an invitation."""
        found = organisations.end(pk, by=self.person)
        if found.user_id == self.person.pk:
            messages.success(
                self.request, sentence(_("Ông/bà đã rời %(name)s."), name=self.organisation.full_name)
            )
            return redirect("portal:organisations")
        done = _("Đã cho thôi thành viên.") if found.accepted_at else _("Đã thu hồi lời mời.")
        messages.success(self.request, done)
        return redirect("portal:members", pk=self.organisation.pk)

    def give_role(self, pk: int) -> HttpResponse:
        """Manager or member."""
        try:
            organisations.give_role(pk, self.request.POST.get("role", ""), by=self.person)
            messages.success(self.request, _("Đã đổi vai trò."))
        except ValueError:
            messages.error(self.request, _("Chọn vai trò trong danh sách."))
        except Refused as error:
            messages.error(self.request, error.told)
        return redirect("portal:members", pk=self.organisation.pk)
