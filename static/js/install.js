/* Citizen pages: registers the worker that says plainly when there is no network. */
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");
