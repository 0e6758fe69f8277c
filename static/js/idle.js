/* idle.js — an officer who types is at work though no page is asked for: the server hears of it every few minutes.
   Some minutes before it would sign the officer out, a note says so; any key or press stays. */
(function () {
  "use strict";
  var d = document, note = d.getElementById("sap-dang-xuat");
  if (!note || !window.fetch) return;
  var allowed = note.dataset.idle * 60000, last = 0;
  /* The server writes activity down up to a tenth late, so its clock may run that much ahead of this one. */
  var warn = allowed * 0.8;
  function here() {
    last = Date.now();
    try { localStorage.setItem("dv-here", last); } catch (e) { /* other windows then warn on their own */ }
  }
  function elsewhere() {
    try { return Number(localStorage.getItem("dv-here")) || 0; } catch (e) { return 0; }
  }
  function show(over) {
    note.querySelectorAll("[data-soon]").forEach(function (x) { x.hidden = over; });
    note.querySelector("[data-over]").hidden = !over;
    note.hidden = false;
  }
  function stay() {
    here();
    fetch(note.dataset.stay, { redirect: "manual", cache: "no-store" }).then(function (answer) {
      if (answer.status === 204) note.hidden = true; else show(true);
    }, function () { /* no network just now: the next key tries again */ last = 0; });
  }
  function work() { if (!note.hidden || Date.now() - last > allowed / 10) stay(); }
  d.addEventListener("keydown", work);
  d.addEventListener("pointerdown", work);
  setInterval(function () { if (note.hidden && Date.now() - Math.max(last, elsewhere()) > warn) show(false); }, 15000);
  here();
})();
