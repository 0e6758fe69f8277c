"""Addresses of the citizen pages, in Vietnamese as people read them."""

from django.urls import path, re_path

from portal.views import apply, apply_file, apply_papers, dossiers, files, home, lookup, procedures, resend

app_name = "portal"
REF = r"(?P<ref>NT-[0-9A-Z]{9})"
CODE = r"(?P<code>\d\.\d{6}[0-9A-Z.]*)"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("thu-tuc/", procedures.ProcedureList.as_view(), name="procedures"),
    re_path(rf"^thu-tuc/{CODE}/$", procedures.ProcedurePage.as_view(), name="procedure"),
    path("viec/<slug:key>/", procedures.LifeEventPage.as_view(), name="life_event"),
    re_path(rf"^nop-ho-so/{CODE}/$", apply.Start.as_view(), name="start"),
    re_path(rf"^nop-ho-so/{REF}/$", apply.TaskList.as_view(), name="draft"),
    re_path(rf"^nop-ho-so/{REF}/noi-giai-quyet/$", apply.AgencyPage.as_view(), name="draft_agency"),
    re_path(
        rf"^nop-ho-so/{REF}/to-khai/(?P<number>\d{{1,2}})/$", apply.SectionPage.as_view(), name="section"
    ),
    re_path(rf"^nop-ho-so/{REF}/giay-to/$", apply_papers.Papers.as_view(), name="papers"),
    re_path(rf"^nop-ho-so/{REF}/buu-chinh/$", apply_papers.Ways.as_view(), name="ways"),
    re_path(rf"^nop-ho-so/{REF}/kiem-tra/$", apply_file.Check.as_view(), name="check"),
    re_path(rf"^nop-ho-so/{REF}/da-nop/$", apply_file.Done.as_view(), name="done"),
    path("ho-so-cua-toi/", dossiers.DossierList.as_view(), name="dossiers"),
    re_path(rf"^ho-so-cua-toi/{REF}/$", dossiers.DossierPage.as_view(), name="dossier"),
    re_path(rf"^ho-so-cua-toi/{REF}/bo-sung/$", dossiers.Answer.as_view(), name="answer"),
    re_path(rf"^ho-so-cua-toi/{REF}/rut/$", dossiers.Withdraw.as_view(), name="withdraw"),
    re_path(rf"^ho-so-cua-toi/{REF}/tep/(?P<pk>\d+)/$", files.File.as_view(), name="file"),
    re_path(rf"^ho-so-cua-toi/{REF}/phieu/(?P<pk>\d+)/$", files.PaperFile.as_view(), name="paper"),
    path("tra-cuu/", lookup.Lookup.as_view(), name="lookup"),
    path("gui-lai/", resend.Resend.as_view(), name="resend"),
]
