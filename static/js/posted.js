/* posted.js — on a page that answers a sent form. "Back" and "reload" then ask for the page, where the browser would
   ask whether to send the form again. On the way back the browser fills in what was typed, but not what the page came
   with: so that counts as typed here. Pages that save themselves have a memory of their own (eform.js). */
(function () {
  "use strict";
  history.replaceState(history.state, "", document.currentScript.dataset.again || location.href);
  document.querySelectorAll("form[method=post]:not([data-autosave]) :is(input, textarea)").forEach(function (box) {
    if (/^(hidden|password|file|checkbox|radio|submit|button)$/.test(box.type)) return;
    var typed = box.value;
    box.defaultValue = typed + " ";
    box.value = typed;
  });
})();
