"""One's own account: what it holds, what one may change, what was changed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from config.formats import vndate
from config.ui import sentence
from danhmuc.models import Place, User
from danhmuc.services import sign_in
from danhmuc.views import PasswordChange
from hoso.forms import declaration
from hoso.services import organisations
from hoso.services.errors import Refused
from portal.forms.accounts import NewEmailForm, NewPhoneForm, ProfileForm
from portal.forms.addresses import AddressForm
from portal.models import AccountChange, AccountRequest, EidLink
from portal.services import accounts, addresses
from portal.views.accounts import CodeView, network
from portal.views.base import KeepingMixin

PAGE = 20


class AccountView(KeepingMixin, TemplateView):
    """A page of one's own account; officers have theirs elsewhere."""

    @property
    def person(self) -> User:
        """Whose account it is, with the units of the address."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Officers begin elsewhere."""
        user = request.user
        if isinstance(user, User) and not user.is_applicant:
            return redirect(sign_in.home_of(user))
        return super().dispatch(request, *args, **kwargs)


def address_of(user: User) -> addresses.Address:
    """The account's address in both eras; the units are read in one query."""
    wanted = [pk for pk in (user.place_id, user.old_place_id) if pk]
    found = Place.objects.select_related("parent__parent").in_bulk(wanted) if wanted else {}
    user.place = found.get(user.place_id or 0)
    user.old_place = found.get(user.old_place_id or 0)
    return addresses.of(user)


def born(user: User, say: Callable[[str], str] = str) -> str:
    """Birth date and gender in words, as the history keeps them; `say` puts the word into the language of a page."""
    gender = say(user.get_gender_display()) if user.gender else ""
    return ", ".join(filter(None, [vndate(user.birth_date) if user.birth_date else "", gender]))


class Account(AccountView):
    """Everything the account holds, with the way to change each."""

    template_name = "portal/account/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The parts of the page."""
        user = self.person
        return super().get_context_data(
            organisation=user.kind == User.Kind.ORGANISATION,
            born=born(user, _),
            address=address_of(user),
            links=list(EidLink.objects.filter(user=user).order_by("pk")),
            organisations=[o for o in organisations.organisations_of(user) if o.pk != user.pk],
            invitations=list(organisations.invitations_for(user)),
            has_password=user.has_usable_password() and sign_in.is_local_open(user.kind),
            **kwargs,
        )


class Profile(AccountView):
    """Name, birth date, gender. What an electronic identity has said is changed there, not here."""

    template_name = "portal/account/profile.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form over what is stored."""
        user = self.person
        initial = {name: getattr(user, name) for name in ("full_name", "birth_date", "gender")}
        return self.show(ProfileForm(user, self.kept, initial=initial))

    def show(self, form: Form) -> HttpResponse:
        """Draw it."""
        return self.render_to_response({"form": form, "fixed": self.is_fixed()})

    def is_fixed(self) -> bool:
        """Whether an electronic identity vouches for these."""
        return EidLink.objects.filter(user=self.person).exists()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is new, with a line in the history for each."""
        user = self.person
        if self.is_fixed():
            return redirect("portal:account")
        form = ProfileForm(user, request.POST)
        if not form.is_valid():
            return self.show(form)
        values = {name: form.cleaned_data[name] for name in form.fields if name != "sure"}
        was = (user.full_name, born(user))
        for name, value in values.items():
            setattr(user, name, value)
        shown = [("Họ và tên", was[0], user.full_name), ("Ngày sinh, giới tính", was[1], born(user))]
        accounts.save_profile(user, values, shown)
        messages.success(request, _("Đã lưu."))
        return redirect("portal:account")


class ChangeAddress(AccountView):
    """Where one lives, in either era; the other side is found by itself where the conversion is known."""

    template_name = "portal/account/address.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form over what is stored."""
        present = address_of(self.person)
        return self.show(AddressForm(self.person, self.kept), present)

    def show(self, form: Form, present: addresses.Address) -> HttpResponse:
        """Draw it, both sides of the present address above."""
        return self.render_to_response({"form": form, "present": present})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep it; where several communes went into one, ask which it was."""
        user = self.person
        present = address_of(user)
        if declaration.REFRESH in request.POST:
            typed = AddressForm(user)
            typed.initial["address"] = typed.fields["address"].widget.value_from_datadict(
                request.POST, request.FILES, "address"
            )
            return self.show(typed, present)
        form = AddressForm(user, request.POST)
        if not form.is_valid():
            return self.show(form, present)
        answer = form.cleaned_data["address"]
        chosen = form.cleaned_data.get("before")
        before = Place.objects.select_related("parent__parent").filter(pk=chosen).first() if chosen else None
        place, old, unsure = addresses.both(addresses.given(answer), before)
        detail = str(answer.get("detail", ""))[:250]
        new = (
            addresses.Address(detail, place, old)
            if place is None or place.era == "2"
            else addresses.Address(detail, None, place)
        )
        shown = [
            ("Địa chỉ", present.today, new.today),
            ("Địa chỉ theo đơn vị cũ", present.before, new.before),
        ]
        accounts.save_profile(user, {"place": place, "old_place": old, "address": detail}, shown)
        if unsure and old is not None and place is not None:
            messages.warning(
                request,
                sentence(
                    _(
                        "%(old)s đã chia cho nhiều xã, phường. Hệ thống chọn %(new)s; nếu không đúng, chọn lại tên hiện nay."
                    ),
                    old=old.name,
                    new=place.name,
                ),
            )
            return redirect("portal:address")
        messages.success(request, _("Đã lưu địa chỉ."))
        if unsure and chosen is None and "before" not in form.fields:
            messages.info(request, _("Nếu nhớ, chọn thêm nơi này trước 01/7/2025 thuộc xã, phường nào."))
            return redirect("portal:address")
        return redirect("portal:account")


class ChangeEmail(AccountView):
    """Another e-mail address; it counts once the code sent there was typed."""

    template_name = "portal/account/contact.html"
    purpose: str = AccountRequest.Purpose.EMAIL
    form_class: type[NewEmailForm] | type[NewPhoneForm] = NewEmailForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question; an address never confirmed is offered as it is."""
        user = self.person
        mail = self.purpose == AccountRequest.Purpose.EMAIL
        unconfirmed = (
            (user.email if not user.email_confirmed else "")
            if mail
            else (user.phone if not user.phone_confirmed else "")
        )
        return self.show(self.form_class(self.kept, initial={"address": unconfirmed}))

    def show(self, form: Form, status: int = 200) -> HttpResponse:
        """Draw it."""
        mail = self.purpose == AccountRequest.Purpose.EMAIL
        title = _("Xác nhận thư điện tử") if mail else _("Xác nhận điện thoại")
        return self.render_to_response({"form": form, "title": title, "mail": mail}, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the code there."""
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                asked = accounts.ask_contact(
                    self.person,
                    purpose=self.purpose,
                    address=form.cleaned_data["address"],
                    network=network(request),
                )
                return redirect("portal:contact_code", token=asked.token)
            except Refused as error:
                form.add_error(None, error.told)
                return self.show(form, status=429)
        return self.show(form)


class ChangePhone(ChangeEmail):
    """Another telephone."""

    purpose = AccountRequest.Purpose.PHONE
    form_class = NewPhoneForm


class ContactCode(AccountView, CodeView):
    """The code sent to a new address; another's matter is not found."""

    purposes = (AccountRequest.Purpose.EMAIL, AccountRequest.Purpose.PHONE)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Only the one who asked, signed in."""
        TemplateView.setup(self, request, *args, **kwargs)
        found = accounts.waiting(kwargs["token"], *self.purposes)
        self.found = found if found is not None and found.user_id == request.user.pk else None

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Strangers sign in first, then learn nothing."""
        if request.user.is_authenticated:
            if self.found is None:
                raise Http404
            self.asked = self.found
        return super().dispatch(request, *args, **kwargs)

    def onward(self) -> HttpResponse | None:
        """It counts already."""
        return redirect("portal:account") if self.asked.proven_at else None

    def proven(self) -> HttpResponse:
        """It counts from now on."""
        messages.success(self.request, _("Đã xác nhận. Thông báo của Cổng gửi đến địa chỉ này."))
        return redirect("portal:account")


class History(AccountView):
    """What was changed on the account, newest first."""

    template_name = "portal/account/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Twenty a page."""
        rows = AccountChange.objects.filter(user=self.person).order_by("-pk")
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class ChangePassword(PasswordChange):
    """Another password, for those who have one here."""

    success_url = reverse_lazy("portal:account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who signs in with an electronic identity has none to change."""
        user = request.user
        if isinstance(user, User) and not (user.is_applicant and user.has_usable_password()):
            messages.info(
                request, _("Tài khoản này đăng nhập bằng định danh điện tử, không có mật khẩu ở Cổng.")
            )
            return redirect(sign_in.home_of(user) if not user.is_applicant else "portal:account")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Every other session ends; the holder is told by letter."""
        answer: HttpResponse = super().form_valid(form)
        with transaction.atomic():
            accounts.password_changed(form.user)
        messages.success(self.request, _("Đã đổi mật khẩu. Các thiết bị khác đã bị đăng xuất."))
        return answer
