"""Where the carrier of text messages delivers those that people send to the province's number."""

import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from portal.services import sms_lookup

LONGEST = 2000


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class Incoming(View):
    """A POST of {id, from, text} with the agreed token; a deployment without a token has no such page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take one message in; the carrier is told what became of it and need not send it again."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not settings.SMS_INCOMING_TOKEN:
            raise Http404
        if not constant_time_compare(token, settings.SMS_INCOMING_TOKEN):
            return JsonResponse({"error": "token"}, status=403)
        try:
            message = json.loads(request.body[:LONGEST])
            identifier, sender, text = (str(message[name]).strip() for name in ("id", "from", "text"))
            if not identifier:
                raise ValueError("id")
            answered = sms_lookup.receive(identifier=identifier, sender=sender, text=text)
        except (KeyError, TypeError, ValueError):
            return JsonResponse({"error": "message"}, status=400)
        return JsonResponse({"answered": answered})
