/* places.js — communes follow their province without a new page; without script a button does it.
   .dv-place[data-places]  the boxes of a place, and the address that draws them for another province or era */
(function () {
  "use strict";
  if (window.fetch) document.documentElement.classList.add("has-places");   /* the button is only in the way now */
  document.addEventListener("change", function (e) {
    var box = e.target.closest(".dv-place[data-places]");
    if (!box || !window.fetch || !/_[pe]$/.test(e.target.name)) return;
    e.stopPropagation();                                    /* the button is not pressed as well */
    function part(within, letter) { return within.querySelector('[name$="_' + letter + '"]'); }
    var typed = part(box, "t"), first = part(box, "p"), focused = e.target.id;
    var query = new URLSearchParams({ name: e.target.name.slice(0, -2), id: box.dataset.id, p: first.value, e: part(box, "e").value });
    if (typed) query.set("t", "1");
    box.setAttribute("aria-busy", "true");
    fetch(box.dataset.places + "?" + query).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".dv-place");
      if (typed) part(fresh, "t").value = part(box, "t").value;
      if (first.hasAttribute("aria-describedby")) part(fresh, "p").setAttribute("aria-describedby", first.getAttribute("aria-describedby"));
      box.replaceChildren.apply(box, Array.from(fresh.childNodes));
      box.removeAttribute("aria-busy");
      document.getElementById(focused).focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }).catch(function () {
      box.removeAttribute("aria-busy");
      if (navigator.onLine) box.querySelector("[name=_refresh]").click();
    });
  }, true);
})();
