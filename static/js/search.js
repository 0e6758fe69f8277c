/* search.js — results while one types; without script the button does the same.
   <form data-instant="id">: a pause in typing or a changed filter fetches the same address and replaces #id. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-instant]");
  if (!form || !window.fetch || !window.AbortController) return;
  var box = document.getElementById(form.dataset.instant), said = form.querySelector("[data-said]"), timer = 0, running = null, shown = address();

  function address() {
    var kept = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (value) kept.append(name, value); });
    var query = kept.toString();
    return location.pathname + (query ? "?" + query : "");
  }
  function show() {
    var wanted = address();
    if (wanted === shown) return;
    if (running) running.abort();
    running = new AbortController();
    fetch(wanted, { headers: { "X-Part": form.dataset.instant }, signal: running.signal, credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw answer; return answer.text(); })
      .then(function (html) {
        box.innerHTML = html;
        shown = wanted;
        said.textContent = (box.querySelector("[data-status]") || {}).textContent || "";
        history.replaceState(null, "", wanted);
      })
      .catch(function () { /* a slow or broken network leaves the button */ });
  }
  form.addEventListener("input", function (e) { clearTimeout(timer); timer = setTimeout(show, e.target.type === "search" ? 350 : 0); });
  window.addEventListener("pageshow", show); /* the browser restores what was typed on the way back */
})();
