"""Addresses of the citizen pages, in Vietnamese as people read them."""

from django.urls import include, path, re_path

from portal.views import (
    agencies,
    amend,
    amend_papers,
    apply,
    apply_file,
    apply_papers,
    apply_section,
    by_hand,
    dossiers,
    feedback,
    feedback_follow,
    feedback_office,
    feedback_public,
    feedback_write_down,
    files,
    finding,
    home,
    letters,
    lookup,
    on_behalf,
    pages,
    papers,
    payments,
    places,
    procedures,
    resend,
    sms,
    survey,
    uploads,
    verification,
    vietqr,
    ways,
)

app_name = "portal"
REF = r"(?P<ref>NT-[0-9A-Z]{9})"
ITEM = r"(?P<code>PA-[0-9A-Z]{10})"
KEY = r"(?P<key>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
CODE = r"(?P<code>\d\.\d{6}[0-9A-Z.]*)"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("huong-dan/", home.Help.as_view(), name="help"),
    path("thu-tuc/", finding.ProcedureList.as_view(), name="procedures"),
    re_path(rf"^thu-tuc/{CODE}/$", procedures.ProcedurePage.as_view(), name="procedure"),
    re_path(rf"^thu-tuc/{CODE}/nop-truc-tiep/$", by_hand.ByHand.as_view(), name="by_hand"),
    re_path(rf"^thu-tuc/{CODE}/mau/$", procedures.BlankFormFile.as_view(), name="blank_form"),
    path("co-quan/", agencies.AgencyList.as_view(), name="agencies"),
    path("co-quan/<slug:key>/", agencies.AgencyPage.as_view(), name="agency"),
    path("viec/", finding.LifeEvents.as_view(), name="life_events"),
    path("viec/<slug:key>/", finding.LifeEventPage.as_view(), name="life_event"),
    re_path(rf"^nop-ho-so/{CODE}/$", apply.Start.as_view(), name="start"),
    re_path(rf"^nop-ho-so/{REF}/$", apply.TaskList.as_view(), name="draft"),
    re_path(rf"^nop-ho-so/{REF}/nop-cho-ai/$", on_behalf.OnBehalf.as_view(), name="on_behalf"),
    re_path(rf"^nop-ho-so/{REF}/noi-giai-quyet/$", apply.AgencyPage.as_view(), name="draft_agency"),
    re_path(rf"^nop-ho-so/{REF}/xoa/$", apply.Discard.as_view(), name="discard"),
    re_path(
        rf"^nop-ho-so/{REF}/to-khai/(?P<number>\d{{1,2}})/$",
        apply_section.SectionPage.as_view(),
        name="section",
    ),
    re_path(rf"^nop-ho-so/{REF}/giay-to/$", papers.Papers.as_view(), name="papers"),
    re_path(
        rf"^nop-ho-so/{REF}/giay-to/(?P<box>c\d+|f-\w+)/dung-lai/$", papers.Reuse.as_view(), name="reuse"
    ),
    re_path(rf"^nop-ho-so/{REF}/giay-to/(?P<pk>\d+)/trang/$", pages.Pages.as_view(), name="pages"),
    re_path(rf"^nop-ho-so/{REF}/tai-len/$", uploads.Begin.as_view(), name="upload_begin"),
    re_path(rf"^nop-ho-so/{REF}/tai-len/xong/$", uploads.Finish.as_view(), name="upload_finish"),
    re_path(rf"^nop-ho-so/{REF}/tai-len/{KEY}/$", uploads.Piece.as_view(), name="upload"),
    re_path(rf"^nop-ho-so/{REF}/buu-chinh/$", apply_papers.Ways.as_view(), name="ways"),
    re_path(rf"^nop-ho-so/{REF}/kiem-tra/$", apply_file.Check.as_view(), name="check"),
    re_path(rf"^nop-ho-so/{REF}/da-nop/$", apply_file.Done.as_view(), name="done"),
    path("dia-danh/", places.PlaceBoxes.as_view(), name="places"),
    path("ho-so-cua-toi/", dossiers.DossierList.as_view(), name="dossiers"),
    re_path(rf"^ho-so-cua-toi/{REF}/$", dossiers.DossierPage.as_view(), name="dossier"),
    re_path(rf"^ho-so-cua-toi/{REF}/bo-sung/$", dossiers.Answer.as_view(), name="answer"),
    re_path(rf"^ho-so-cua-toi/{REF}/rut/$", dossiers.Withdraw.as_view(), name="withdraw"),
    re_path(rf"^ho-so-cua-toi/{REF}/sua/$", amend.Amend.as_view(), name="amend"),
    re_path(rf"^ho-so-cua-toi/{REF}/sua/giay-to/$", amend_papers.AmendPapers.as_view(), name="amend_papers"),
    re_path(
        rf"^ho-so-cua-toi/{REF}/sua/giay-to/(?P<kind>tep|dang-co)/(?P<pk>\d+)/trang/$",
        pages.AmendPages.as_view(),
        name="amend_pages",
    ),
    re_path(
        rf"^ho-so-cua-toi/{REF}/sua/tep/(?P<pk>\d+)/$", amend_papers.File.as_view(), name="amendment_file"
    ),
    re_path(
        rf"^ho-so-cua-toi/{REF}/sua/tep/(?P<pk>\d+)/trang-(?P<page>\d{{1,3}})/$",
        amend_papers.Preview.as_view(),
        name="amendment_preview",
    ),
    re_path(rf"^ho-so-cua-toi/{REF}/sua/rut/$", amend.TakeBack.as_view(), name="take_back_amendment"),
    re_path(rf"^ho-so-cua-toi/{REF}/cach-nhan/$", ways.ChangeWays.as_view(), name="change_ways"),
    re_path(rf"^ho-so-cua-toi/{REF}/tep/(?P<pk>\d+)/$", files.File.as_view(), name="file"),
    re_path(
        rf"^ho-so-cua-toi/{REF}/tep/(?P<pk>\d+)/trang-(?P<page>\d{{1,3}})/$",
        files.Preview.as_view(),
        name="preview",
    ),
    re_path(rf"^ho-so-cua-toi/{REF}/phieu/(?P<pk>\d+)/$", files.PaperFile.as_view(), name="paper"),
    re_path(rf"^ho-so-cua-toi/{REF}/trao-doi/$", letters.Letters.as_view(), name="letters"),
    re_path(rf"^ho-so-cua-toi/{REF}/danh-gia/$", survey.Survey.as_view(), name="survey"),
    path("", include("portal.account_urls")),
    re_path(rf"^ho-so-cua-toi/{REF}/thanh-toan/$", payments.Owed.as_view(), name="payment"),
    re_path(
        rf"^ho-so-cua-toi/{REF}/thanh-toan/(?P<reference>[0-9A-Z-]{{6,40}})/$",
        payments.Attempt.as_view(),
        name="payment_attempt",
    ),
    re_path(rf"^ho-so-cua-toi/{REF}/mien-giam/$", payments.Relief.as_view(), name="relief"),
    re_path(rf"^ho-so-cua-toi/{REF}/hoan-tien/(?P<seq>\d+)/$", payments.RefundPage.as_view(), name="refund"),
    path("thanh-toan/vnpay/ipn/", payments.VnpayCallBack.as_view(), name="vnpay_ipn"),
    path("thanh-toan/vietqr/api/token_generate", vietqr.Token.as_view(), name="vietqr_token"),
    path("thanh-toan/vietqr/bank/api/transaction-sync", vietqr.TransactionSync.as_view(), name="vietqr_sync"),
    path("tra-cuu/", lookup.Lookup.as_view(), name="lookup"),
    path("xac-minh/", verification.VerifyForm.as_view(), name="verify"),
    path("xac-minh/<slug:code>/", verification.VerifyResult.as_view(), name="verify_result"),
    path("tin-nhan-den/", sms.Incoming.as_view(), name="sms_incoming"),
    path("danh-gia/<str:token>/", survey.SurveyByLookup.as_view(), name="survey_by_lookup"),
    path("gui-lai/", resend.Resend.as_view(), name="resend"),
    path("phan-anh/", feedback_public.PublicAnswers.as_view(), name="feedback"),
    path("phan-anh/<int:pk>/", feedback_public.PublicAnswer.as_view(), name="feedback_public"),
    path("phan-anh/gui/", feedback.Send.as_view(), name="feedback_new"),
    path("phan-anh/xac-nhan/<uuid:once>/", feedback.Confirm.as_view(), name="feedback_confirm"),
    re_path(rf"^phan-anh/da-gui/{ITEM}/$", feedback.Done.as_view(), name="feedback_done"),
    path("phan-anh/theo-doi/", feedback_follow.Follow.as_view(), name="feedback_follow"),
    re_path(rf"^phan-anh/theo-doi/{ITEM}/$", feedback_follow.Item.as_view(), name="feedback_item"),
    re_path(
        rf"^phan-anh/theo-doi/{ITEM}/bo-sung/$", feedback_follow.GiveInfo.as_view(), name="feedback_info"
    ),
    re_path(rf"^phan-anh/theo-doi/{ITEM}/danh-gia/$", feedback_follow.Rate.as_view(), name="feedback_rate"),
    re_path(
        rf"^phan-anh/theo-doi/{ITEM}/xem-lai/$", feedback_follow.Reopen.as_view(), name="feedback_reopen"
    ),
    re_path(
        rf"^phan-anh/theo-doi/{ITEM}/tep/(?P<pk>\d+)/$", feedback_follow.File.as_view(), name="feedback_file"
    ),
    re_path(
        rf"^phan-anh/theo-doi/{ITEM}/tra-loi/(?P<seq>\d+)/$",
        feedback_follow.AnswerFile.as_view(),
        name="feedback_answer",
    ),
    path("phan-anh/xu-ly/", feedback_office.Queue.as_view(), name="feedback_office"),
    path("phan-anh/xu-ly/ghi/", feedback_write_down.WriteDown.as_view(), name="feedback_write_down"),
    re_path(rf"^phan-anh/xu-ly/ghi/{ITEM}/$", feedback_write_down.Slip.as_view(), name="feedback_slip"),
    re_path(rf"^phan-anh/xu-ly/{ITEM}/$", feedback_office.Case.as_view(), name="feedback_case"),
    re_path(
        rf"^phan-anh/xu-ly/{ITEM}/tep/(?P<pk>\d+)/$",
        feedback_office.OfficeFile.as_view(),
        name="feedback_office_file",
    ),
    re_path(
        rf"^phan-anh/xu-ly/{ITEM}/tra-loi/(?P<seq>\d+)/$",
        feedback_office.OfficeAnswer.as_view(),
        name="feedback_office_answer",
    ),
    re_path(
        rf"^phan-anh/xu-ly/{ITEM}/(?P<step>[a-z_]+)/$",
        feedback_office.StepPage.as_view(),
        name="feedback_step",
    ),
]
