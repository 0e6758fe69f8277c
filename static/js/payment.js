/* payment.js — looks every few seconds whether the bank has answered, ever more slowly, for half an hour;
   without script the page's own button does the same. */
(function () {
  "use strict";
  var box = document.getElementById("giao-dich"), wait = 4000, until = Date.now() + 30 * 60 * 1000;
  function look() {
    if (document.hidden) { setTimeout(look, wait); return; }
    fetch(location.pathname, { credentials: "same-origin", redirect: "error" }).then(function (r) {
      return r.ok ? r.text() : "";
    }).then(function (html) {
      var found = /data-state="(\w+)"/.exec(html);
      if (found && found[1] !== box.dataset.state) { location.reload(); return; }
      again();
    }).catch(again);
  }
  function again() {
    wait = Math.min(wait * 1.3, 30000);
    if (Date.now() < until) setTimeout(look, wait);
  }
  setTimeout(look, wait);
})();
