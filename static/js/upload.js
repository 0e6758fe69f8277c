/* upload.js — files in pieces, for weak networks; without it the same form sends them whole.
   A file chosen is kept in the browser (IndexedDB) until it is a paper, so that neither a lost network nor a reload
   loses it; the server knows how many bytes it has (portal/views/uploads.py). Words stand in the page. */
(function () {
  "use strict";
  var form = document.querySelector("[data-upload-form]");
  if (!form || !window.fetch || !window.Promise || !form.closest) return;
  var PIECE = 256 * 1024, d = document, data = form.dataset;
  var words = form.querySelector("[data-words]").dataset, line = form.querySelector("[data-say]");
  var token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  var queue = [], bad = [], running = false, after = null, changed = false;

  function say(text) { line.textContent = text; }
  function pause(ms) {
    return new Promise(function (go) { setTimeout(go, ms); addEventListener("online", go, { once: true }); });
  }

  /* --- What the browser keeps ------------------------------------------------------------------------------ */
  function shelf(act) {
    return new Promise(function (done) {
      try {
        var open = indexedDB.open("tep-dang-tai", 1);
        open.onupgradeneeded = function () { open.result.createObjectStore("tep"); };
        open.onerror = function () { done(null); };
        open.onsuccess = function () {
          try {
            var change = open.result.transaction("tep", "readwrite"), ask = act(change.objectStore("tep"));
            change.oncomplete = function () { open.result.close(); done(ask.result); };
            change.onerror = change.onabort = function () { open.result.close(); done(null); };
          } catch (e) { open.result.close(); done(null); }
        };
      } catch (e) { done(null); }
    });
  }
  function keep(job) { return shelf(function (s) { return s.put({ file: job.file, group: job.group }, job.key); }); }
  function kept(key) { return shelf(function (s) { return s.get(key); }); }
  function forget(key) { return shelf(function (s) { return s.delete(key); }); }

  /* --- Talking to the server: asked again until there is an answer ------------------------------------------ */
  async function ask(job, method, url, body, headers) {
    for (var wait = 1000; ; wait = Math.min(wait * 2, 20000)) {
      if (job.gone) throw { quiet: true };
      try {
        var r = await fetch(url, { method: method, body: body, redirect: "manual", credentials: "same-origin",
          headers: Object.assign({ "X-CSRFToken": token }, headers) });
        if (r.type === "opaqueredirect" || r.status === 403) throw { text: words.gone };
        if (r.status < 500 || r.status === 507) {
          var json = await r.json().catch(function () { return {}; });
          json.status = r.status;
          return json;
        }
      } catch (e) { if (e && e.text) throw e; }
      if (job.row) tell(job, words.lost);
      await pause(wait);
      if (job.row && method === "PATCH") return ask(job, "GET", url);   /* how much of it came? */
    }
  }
  function fields(o) { var f = new FormData(); for (var k in o) f.append(k, o[k]); return f; }

  /* --- One file ---------------------------------------------------------------------------------------------- */
  function tell(job, text, wrong) {
    var state = job.row.querySelector("[data-state]");
    state.textContent = text;
    state.className = wrong ? "dv-said is-late" : "";
    var bar = job.row.querySelector("progress");
    if (!bar) return;
    if (wrong) bar.remove(); else bar.value = job.file.size ? job.offset * 100 / job.file.size : 0;
  }
  function show(job, place) {
    job.row = form.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
    var foreign = d.documentElement.lang !== "vi" && /[^\x00-\x7f]/.test(job.file.name);   /* to be read aloud as Vietnamese */
    job.row.querySelectorAll("[data-name]").forEach(function (x) { x.textContent = " " + job.file.name; if (foreign) x.lang = "vi"; });
    var bar = job.row.querySelector("progress");
    bar.setAttribute("aria-label", job.file.name);
    if (foreign) bar.lang = "vi";
    job.row.querySelector("button").onclick = function () {
      job.gone = job.put = true;
      job.row.remove();
      if (job.key) { forget(job.key); fetch(location.href, { method: "POST", body: fields({ csrfmiddlewaretoken: token, _drop: job.key }) }); }
    };
    place.before(job.row);
    tell(job, words.wait);
  }
  async function send(job) {
    if (!job.key) {
      var begun = await ask(job, "POST", data.begin, fields({ box: job.box, name: job.file.name, size: job.file.size, page: location.pathname }));
      if (!begun.key) throw { text: begun.text || words.wrong };
      job.key = begun.key; job.offset = begun.offset;
      await keep(job);
    }
    var url = data.begin + job.key + "/";
    while (job.offset < job.file.size) {
      tell(job, words.sent + " " + Math.floor(job.offset * 100 / job.file.size) + "%");
      var piece = job.file.slice(job.offset, job.offset + PIECE);
      var r = await ask(job, "PATCH", url, piece, { "Upload-Offset": job.offset, "Content-Type": "application/octet-stream" });
      if (typeof r.offset !== "number") throw { text: r.text || words.wrong };
      if (r.status === 409) await pause(300);
      job.offset = r.offset;
    }
    tell(job, words.look);
    if (window.crypto && crypto.subtle) {
      var sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await job.file.arrayBuffer()));
      job.sum = Array.from(sum, function (b) { return (b + 256).toString(16).slice(1); }).join("");
    }
  }

  /* --- All files, one after the other; those chosen together are finished together -------------------------- */
  async function run() {
    if (running) return;
    running = true;
    while (queue.length) {
      var group = queue.shift(), whole = [];
      for (var i = 0; i < group.length; i++) {
        try { await send(group[i]); whole.push(group[i]); } catch (e) { fail(group[i], e); }
      }
      whole = whole.filter(function (j) { return !j.gone; });
      if (!whole.length) continue;
      try {
        var r = await ask(whole[0], "POST", data.finish, fields({
          keys: whole.map(function (j) { return j.key; }).join(), sums: whole.map(function (j) { return j.sum || ""; }).join() }));
        if (r.status !== 200) throw { text: r.text || words.wrong };
        whole.forEach(function (j) { forget(j.key); });
        changed = true;
      } catch (e) { whole.forEach(function (j) { fail(j, e); }); }
    }
    running = false;
    if (changed) { changed = false; say(words.done); if (data.after && !bad.length) { location.href = data.after; return; } await refresh(); }
    if (after) { var b = after; after = null; form.requestSubmit ? form.requestSubmit(b) : b.click(); }
  }
  function fail(job, e) {
    after = null; say("");
    if (!job.gone && !(e && e.quiet)) { tell(job, (e && e.text) || words.wrong, true); bad.push(job); }
  }

  async function refresh() {
    try {
      var page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      var fresh = page.querySelector("[data-cards]"), old = form.querySelector("[data-cards]"), at = d.activeElement && d.activeElement.id;
      if (!fresh || running) return;
      old.replaceWith(fresh);
      bad = bad.filter(function (job) {             /* what could not be taken stays in sight until it is put away */
        var box = !job.put && fresh.querySelector('[name="' + job.box + '"]');
        if (box) box.closest(".dv-upload").before(job.row);
        return box;
      });
      var note = page.querySelector("[data-note]"), shown = d.querySelector("[data-note]");
      if (note && shown) shown.textContent = note.textContent;
      if (at && d.getElementById(at)) d.getElementById(at).focus();
      if (fresh.hasAttribute("data-busy")) setTimeout(refresh, 2500);
    } catch (e) { setTimeout(refresh, 5000); }
  }

  form.addEventListener("change", function (e) {
    var box = e.target;
    if (box.type !== "file" || !box.files.length) return;
    var place = box.closest(".dv-upload"), group = Array.from(box.files, function (file) {
      return { file: file, box: data.box || box.name, offset: 0, group: Date.now() };
    });
    box.value = "";
    group.forEach(function (job) {
      form.querySelectorAll('[data-coming][data-box="' + job.box + '"]').forEach(function (x) {
        if (+x.dataset.size === job.file.size) x.remove();              /* the row of the same file, broken off before */
      });
      show(job, place);
      var no = !job.file.size ? words.empty : job.file.size > +data.most ? words.big : "";
      if (no) { tell(job, no, true); job.gone = true; bad.push(job); }
    });
    group = group.filter(function (job) { return !job.gone; });
    if (group.length) { queue.push(group); run(); }
  });
  form.addEventListener("submit", function (e) {
    var b = e.submitter;
    if (running && b && !/^_(remove|drop|reuse)$/.test(b.name)) { e.preventDefault(); after = b; say(words.after); }
  });
  form.querySelectorAll("[data-plain]").forEach(function (x) { x.hidden = true; });   /* files go up when chosen */
  if (form.querySelector("[data-busy]")) setTimeout(refresh, 2500);

  /* Files that broke off before: go on with those the browser still has. */
  (async function () {
    var groups = {};
    for (var row of form.querySelectorAll("[data-coming]")) {
      var had = await kept(row.dataset.coming);
      if (!had) continue;
      var job = { file: had.file, key: row.dataset.coming, box: row.dataset.box, offset: 0, group: had.group };
      show(job, row);
      row.remove();
      (groups[job.group] = groups[job.group] || []).push(job);
    }
    Object.keys(groups).sort().forEach(function (g) { queue.push(groups[g]); });
    if (queue.length) run();
  })();
})();
