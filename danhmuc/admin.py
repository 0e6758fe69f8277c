"""Master data for administrators. What was published can be read here and not changed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from danhmuc.forms import StaffCreationForm
from danhmuc.models import (
    Agency,
    AgencySuccession,
    Calendar,
    CalendarDay,
    CalendarVersion,
    ChargeRelief,
    ChargeRule,
    Component,
    Desk,
    Field,
    LifeEvent,
    Place,
    PlaceSuccession,
    Position,
    PostalTariff,
    Procedure,
    ProcedureVersion,
    RouteStep,
    RuleSet,
    SignInGuard,
    Synonym,
    User,
    WordingChange,
    WorkSession,
)
from danhmuc.services import procedures, staff
from danhmuc.text import fold

admin.site.site_header = "Quản trị danh mục"
admin.site.site_title = "Quản trị"
admin.site.index_title = "Danh mục dùng chung"


class ReadOnly:
    """Rows that come from a load or from publishing: looked at here, changed elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never edited by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never deleted by hand."""
        return False


class Folded:
    """Keeps the folded column of a name in step with what was typed."""

    folded_from, folded_to = "name", "folded_name"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Fold, then save."""
        setattr(obj, self.folded_to, fold(getattr(obj, self.folded_from)))
        super().save_model(request, obj, form, change)  # type: ignore[misc]


class PositionInline(admin.TabularInline):
    model = Position
    extra = 0
    autocomplete_fields = ("agency", "desk", "fields")


@admin.register(User)
class UserAdmin(Folded, admin.ModelAdmin):
    folded_from, folded_to = "full_name", "folded_name"
    list_display = ("full_name", "username", "kind", "is_active", "must_change_password")
    list_filter = ("kind", "is_active")
    search_fields = ("folded_name", "full_name", "username", "personal_id")
    search_help_text = "Họ tên, tên đăng nhập hoặc số định danh"
    list_per_page = 50
    inlines = (PositionInline,)
    autocomplete_fields = ("place",)
    readonly_fields = ("last_login", "date_joined", "temporary_until", "must_change_password")
    exclude = ("password", "user_permissions", "groups")
    actions = ("give_temporary_password",)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A new account is made without a password."""
        if obj is None:
            kwargs["form"], kwargs["fields"] = StaffCreationForm, StaffCreationForm.Meta.fields
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Few questions for a new account."""
        return StaffCreationForm.Meta.fields if obj is None else super().get_fields(request, obj)

    @admin.action(description="Cấp mật khẩu tạm (24 giờ)", permissions=["change"])
    def give_temporary_password(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Shown once on the page and nowhere else."""
        for person in people.filter(is_active=True).exclude(kind=User.Kind.SYSTEM)[:20]:
            password = staff.issue_temporary_password(person)
            messages.warning(request, f"{person.full_name} ({person.username}): mật khẩu tạm {password}")


@admin.register(SignInGuard)
class SignInGuardAdmin(admin.ModelAdmin):
    list_display = ("account", "failures", "first_at", "locked_until")
    search_fields = ("account",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only deleting makes sense: it unlocks."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignInGuard | None = None) -> bool:
        """A count of failures is not a matter of opinion."""
        return False


@admin.register(Position)
class PositionAdmin(admin.ModelAdmin):
    list_display = ("user", "role", "agency", "desk", "valid_from", "valid_to")
    list_filter = ("role", "employer")
    list_select_related = ("user", "agency", "desk__agency")
    search_fields = ("user__folded_name", "user__username", "agency__folded_name")
    autocomplete_fields = ("user", "agency", "desk", "fields")
    date_hierarchy = "valid_from"


@admin.register(Agency)
class AgencyAdmin(Folded, admin.ModelAdmin):
    list_display = ("name", "identifier", "level", "parent", "valid_from", "valid_to")
    list_filter = ("level", "kind", "identifier_is_sample")
    list_select_related = ("parent",)
    search_fields = ("folded_name", "name", "identifier", "key")
    search_help_text = "Tên (có dấu hoặc không dấu), mã định danh hoặc khóa"
    autocomplete_fields = ("place",)
    # Moving an agency moves the paths of everything below: that is a load, not a form.
    readonly_fields = ("key", "parent", "path", "source")
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Agency | None = None) -> bool:
        """Agencies end, they are not erased: dossiers name them for ever."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new agency needs its place in the tree and its path; it comes with a load."""
        return False


@admin.register(AgencySuccession)
class AgencySuccessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("old", "new", "from_date", "is_default", "share")
    list_select_related = ("old", "new")
    list_filter = ("is_default", "from_date")
    search_fields = ("old__folded_name", "new__folded_name", "old__key", "new__key")


@admin.register(Desk)
class DeskAdmin(admin.ModelAdmin):
    list_display = ("agency", "serves", "operator", "saturday_reception")
    list_filter = ("operator", "saturday_reception")
    list_select_related = ("agency", "serves")
    search_fields = ("agency__folded_name", "agency__name")
    readonly_fields = ("agency", "serves", "branch_of")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Desks come with the agency tree."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Desk | None = None) -> bool:
        """Dossiers name their desk for ever."""
        return False


@admin.register(Place)
class PlaceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "era", "level", "code", "parent", "valid_from", "valid_to")
    list_filter = ("era", "level")
    list_select_related = ("parent",)
    search_fields = ("folded_name", "name", "code")
    search_help_text = "Tên hoặc mã"


@admin.register(PlaceSuccession)
class PlaceSuccessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("old", "new", "split", "is_default", "sources")
    list_filter = ("split", "is_default")
    list_select_related = ("old", "new")
    search_fields = ("old__folded_name", "new__folded_name", "old__code", "new__code")


@admin.register(Field)
class FieldAdmin(Folded, admin.ModelAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "folded_name", "name")


@admin.register(Procedure)
class ProcedureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "name", "field", "service_level", "processing_system", "is_current")
    list_filter = ("service_level", "processing_system", "vertical", "is_current")
    list_select_related = ("field",)
    search_fields = ("code", "name", "field__folded_name")
    exclude = ("search",)
    list_per_page = 50


class OfDraft:
    """Parts of a version: editable while it is a draft."""

    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in a draft."""
        return obj is None or obj.status == ProcedureVersion.Status.DRAFT

    has_add_permission = has_delete_permission = has_change_permission


class ComponentInline(OfDraft, admin.TabularInline):
    model = Component


class ChargeRuleInline(OfDraft, admin.TabularInline):
    model = ChargeRule


class RouteStepInline(OfDraft, admin.TabularInline):
    model = RouteStep
    autocomplete_fields = ("agency",)


@admin.register(ProcedureVersion)
class ProcedureVersionAdmin(admin.ModelAdmin):
    list_display = ("name", "number", "status", "online_level", "valid_from", "valid_to")
    list_filter = ("status", "online_level", "fee_timing")
    search_fields = ("procedure__code", "name")
    list_select_related = ("procedure",)
    readonly_fields = ("procedure", "number", "status", "published_at", "source")
    inlines = (ComponentInline, ChargeRuleInline, RouteStepInline)
    actions = ("open_next_draft", "publish")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new version begins as a copy of the present one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ProcedureVersion | None = None) -> bool:
        """Drafts only; the database refuses the rest anyway."""
        return (obj is None or obj.status == ProcedureVersion.Status.DRAFT) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: ProcedureVersion | None = None) -> bool:
        """Drafts only."""
        return (
            obj is not None
            and obj.status == ProcedureVersion.Status.DRAFT
            and super().has_delete_permission(request, obj)
        )

    @admin.action(description="Lập bản mới từ bản đã chọn", permissions=["change"])
    def open_next_draft(self, request: HttpRequest, chosen: QuerySet[ProcedureVersion]) -> None:
        """A draft with the same content, to be edited."""
        for version in chosen[:10]:
            draft = procedures.draft_from(version)
            messages.success(request, f"Đã lập {draft}, đang soạn.")

    @admin.action(description="Công khai bản đang soạn", permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[ProcedureVersion]) -> None:
        """Publish each, or say what it lacks."""
        for version in chosen[:10]:
            try:
                procedures.publish_version(version)
                messages.success(request, f"Đã công khai {version}.")
            except (procedures.NotPublishable, ValueError) as error:
                messages.error(request, f"{version}: {error}")


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):
    list_display = ("name", "key", "agency", "base")
    list_select_related = ("agency", "base")
    search_fields = ("name", "key")
    autocomplete_fields = ("agency",)


@admin.register(CalendarVersion)
class CalendarVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("calendar", "number", "published_at", "decision", "note")
    list_filter = ("calendar",)


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("date", "kind", "name", "decision", "projected", "calendar", "added_in", "removed_in")
    list_filter = ("kind", "projected", "calendar")
    list_select_related = ("calendar", "added_in__calendar", "removed_in__calendar")
    date_hierarchy = "date"


@admin.register(WorkSession)
class WorkSessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("calendar", "weekday", "start", "end", "runs_clock", "added_in", "removed_in")
    list_select_related = ("calendar", "added_in__calendar", "removed_in__calendar")


@admin.register(RuleSet)
class RuleSetAdmin(admin.ModelAdmin):
    list_display = ("key", "kind", "name", "valid_from", "valid_to")
    list_filter = ("kind",)


# Everyday names and situations are the procedure controller's: changed on their own pages, which keep the trace.
@admin.register(Synonym)
class SynonymAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("phrase", "target_kind", "target", "weight", "note", "edited_by", "is_removed")
    list_filter = ("target_kind", "is_removed")
    list_select_related = ("edited_by",)
    search_fields = ("folded", "phrase", "target")
    exclude = ("folded",)


@admin.register(LifeEvent)
class LifeEventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "kind", "order", "edited_by", "is_removed")
    list_filter = ("kind", "is_removed")
    list_select_related = ("edited_by",)


@admin.register(WordingChange)
class WordingChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("label", "of", "by", "at")
    list_filter = ("of",)
    list_select_related = ("by",)


@admin.register(PostalTariff)
class PostalTariffAdmin(admin.ModelAdmin):
    list_display = ("service", "scope", "weight_from", "weight_to", "step", "price", "valid_from", "valid_to")
    list_filter = ("service", "scope", "tariff_key")


@admin.register(ChargeRelief)
class ChargeReliefAdmin(admin.ModelAdmin):
    list_display = ("name", "percent", "condition", "basis", "valid_from", "valid_to")
    list_filter = ("condition",)
    search_fields = ("name", "basis", "key")
