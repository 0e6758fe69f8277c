/* Without a network a page is answered by the one that says so. Nothing else is kept (config/installed.py). */
var KEEP = "{{ files|join:" " }}".split(" "), PAGE = "{{ offline }}", NAME = "mat-mang:" + KEEP.join();
self.addEventListener("install", function (e) {
  e.waitUntil(caches.open(NAME).then(function (c) { return c.addAll(KEEP.concat(PAGE)); }).then(function () { return self.skipWaiting(); }));
});
self.addEventListener("activate", function (e) {
  e.waitUntil(caches.keys().then(function (all) {
    return Promise.all(all.map(function (n) { return n === NAME ? null : caches.delete(n); }));
  }).then(function () { return self.clients.claim(); }));
});
self.addEventListener("fetch", function (e) {
  if (e.request.method !== "GET") return;
  if (e.request.mode === "navigate") {
    e.respondWith(fetch(e.request).catch(function () { return caches.match(PAGE, { ignoreVary: true }); }));
  } else if (KEEP.indexOf(new URL(e.request.url).pathname) !== -1) {
    e.respondWith(fetch(e.request).catch(function () { return caches.match(e.request, { ignoreVary: true }); }));
  }
});
