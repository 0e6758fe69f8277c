/* Citizen pages: registers the worker that says plainly when there is no network. */
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");
/* What a tab keeps of unsent words goes with whoever signs out. */
document.addEventListener("submit", function (e) {
  if (/\/dang-xuat\/$/.test(e.target.action)) try { sessionStorage.clear(); } catch (_) { /* nothing was kept */ }
});
