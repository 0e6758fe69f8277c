/* The page "mất mạng": tries again on request, and by itself once the network is back. */
(function () {
  "use strict";
  var button = document.querySelector("[data-retry]");
  function again() { location.reload(); }
  if (button) button.addEventListener("click", again);
  window.addEventListener("online", again);
})();
