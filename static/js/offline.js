/* The page "mất mạng": tries again on request, and by itself once the network is back. */
(function () {
  "use strict";
  var button = document.querySelector("[data-retry]"), wait = 3000;
  function again() { location.reload(); }
  /* The event may have come while this page was on its way, and a phone's network may be "on" without reaching anybody. */
  function look() {
    fetch(location.href, { method: "HEAD", cache: "no-store" }).then(again, function () {
      wait = Math.min(wait * 2, 60000);
      setTimeout(look, wait);
    });
  }
  if (button) button.addEventListener("click", again);
  window.addEventListener("online", again);
  setTimeout(look, wait);
})();
