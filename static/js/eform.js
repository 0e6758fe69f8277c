/* eform.js — the pages of an electronic form, made quicker; every page works without it.
   [data-if][data-is]    a question that is asked when another has one of these answers; a <template> until then
   [data-rows]           a repeating group with template[data-row], an empty row
   form[data-autosave]   saved a moment after the last key; #luu says how it stands. What the server does not have yet
                         is kept in this tab alone, under the given name, until it has it or one signs out. What was
                         sent and never answered goes along as _unanswered: it may have arrived. */
(function () {
  "use strict";
  const d = document, form = d.querySelector("form[data-autosave]"), line = d.getElementById("luu");
  if (!form || !line || !window.fetch || !("content" in d.createElement("template"))) return;

  /* ---- Questions that hang on others ---- */
  function given(name) {
    const found = form.elements[name];
    if (!found) return [];
    return (found instanceof RadioNodeList ? Array.from(found) : [found])
      .filter((box) => !/^(radio|checkbox)$/.test(box.type) || box.checked).map((box) => box.value);
  }
  function swap(old, tag) {
    const fresh = d.createElement(tag);
    Array.from(old.attributes).forEach((a) => fresh.setAttribute(a.name, a.value));
    (fresh.content || fresh).append(...(old.content || old).childNodes);   /* moved, so that what was typed stays */
    old.replaceWith(fresh);
  }
  function settle() {
    for (let again = true, rounds = 0; again && rounds < 9; rounds++) {
      again = false;
      form.querySelectorAll("[data-if]").forEach((part) => {
        const on = given(part.dataset.if).some((v) => part.dataset.is.split(" ").includes(v));
        if (on === (part.localName !== "template")) return;
        swap(part, on ? "div" : "template");
        again = true;
      });
    }
    const shown = new Set(form.elements._shown.value.split(" "));
    form.querySelectorAll("[data-if][data-key]").forEach((part) => {
      shown[part.localName === "template" ? "delete" : "add"](part.dataset.key);
    });
    form.elements._shown.value = Array.from(shown).join(" ");
  }

  /* ---- Rows ---- */
  const rowsOf = (group) => Array.from(group.children).filter((x) => x.dataset.place !== undefined);
  function renamed(root, from, to) {
    const all = [root, ...root.querySelectorAll("*")];
    all.forEach((node) => {
      Array.from(node.attributes).forEach((a) => {
        if (a.value.includes(from + "-")) node.setAttribute(a.name, a.value.replace(from + "-", to + "-"));
        if (a.value === from) node.setAttribute(a.name, to);
      });
      if (node.content) Array.from(node.content.children).forEach((child) => renamed(child, from, to));
    });
  }
  function number(group) {
    const key = group.dataset.rows, rows = rowsOf(group);
    rows.forEach((row, n) => {
      if (row.dataset.place !== String(n)) renamed(row, key + "-" + row.dataset.place, key + "-" + n);
      row.dataset.place = n;
      row.querySelectorAll("[data-number]").forEach((x) => { x.textContent = n + 1; });
    });
    form.elements[key + "-n"].value = rows.length;
    group.querySelector("button[name=_add]").hidden = rows.length >= Number(group.dataset.most);
  }
  form.addEventListener("click", (e) => {
    const button = e.target.closest("button[name=_add], button[name=_remove]");
    const group = button && button.closest("[data-rows]");
    if (!group) return;
    e.preventDefault();
    if (button.name === "_add") {
      const row = d.importNode(group.querySelector("template[data-row]").content, true).firstElementChild;
      button.before(row);
      number(group);
      settle();
      row.querySelector("input, select, textarea").focus();
    } else {
      button.closest("[data-place]").remove();
      number(group);
      group.querySelector("button[name=_add]").focus();
    }
    touched();
  });

  /* ---- Saving by itself ---- */
  const WAIT = 2000, RETRY = 15000, MOST = 8, store = form.dataset.autosave;
  let edits = 0, saved = 0, busy = false, timer = 0, leaving = false, waiting = null, unanswered = [];
  function say(level, words) {
    const text = line.querySelector("p");
    text.className = "dv-saved is-" + level;
    text.querySelectorAll("svg").forEach((x) => x.remove());
    text.querySelector("span").textContent = words;
  }
  function keep() {
    try {
      const typed = Array.from(new FormData(form)).filter(([name]) => name !== "csrfmiddlewaretoken");
      sessionStorage.setItem(store, JSON.stringify({ typed, sent: leaving, unanswered }));
    } catch (_) { /* no room, or not allowed: the page itself still has it */ }
  }
  function packed() {                              /* the body of a saving, and its words alone */
    const body = new FormData(form), words = new URLSearchParams(body);
    ["csrfmiddlewaretoken", "_seen", "_page", "_unanswered"].forEach((name) => words.delete(name));
    body.delete("_unanswered");
    unanswered = unanswered.filter((earlier) => earlier !== String(words));
    unanswered.forEach((earlier) => body.append("_unanswered", earlier));
    return [body, String(words)];
  }
  function forget() { try { sessionStorage.removeItem(store); } catch (_) { /* nothing was kept */ } }
  function touched() {
    edits++;
    keep();
    say("soon", navigator.onLine ? line.dataset.dirty : line.dataset.offline);
    plan(WAIT);
  }
  function plan(ms) { clearTimeout(timer); timer = setTimeout(save, ms); }
  function save() {
    clearTimeout(timer);
    if (busy || leaving || saved === edits) return;
    if (!navigator.onLine) { say("late", line.dataset.offline); return; }
    const now = edits, [body, words] = packed();
    body.set("_autosave", "1");
    unanswered = unanswered.concat(words).slice(-MOST);
    busy = true;
    keep();
    say("soon", line.dataset.saving);
    fetch(location.href, { method: "POST", body, redirect: "manual", keepalive: d.visibilityState === "hidden" })
      .then((answer) => {
        if (answer.status === 409) return answer.text().then((html) => { saved = edits; line.innerHTML = html; });
        if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
          saved = edits;
          say("late", line.dataset.gone);
          return null;
        }
        if (!answer.ok) throw new Error(answer.status);
        return answer.text().then((html) => {
          saved = now;
          line.innerHTML = html;
          const whole = line.firstElementChild.classList.contains("is-ok");
          unanswered = whole ? [] : unanswered.filter((earlier) => earlier !== words);
          form.elements._seen.value = line.firstElementChild.dataset.seen;
          d.querySelectorAll("[data-saved-at]").forEach((x) => { x.textContent = line.firstElementChild.dataset.at; });
          if (saved === edits && whole) forget();
          else if (saved !== edits) { say("soon", line.dataset.dirty); plan(WAIT); }
        });
      })
      .catch(() => {
        say("late", navigator.onLine ? line.dataset.failed : line.dataset.offline);
        plan(RETRY);
      })
      .then(() => {
        busy = false;
        if (waiting) form.requestSubmit(waiting.button);
      });
  }
  form.addEventListener("input", (e) => { if (!e.target.closest("template")) { settle(); touched(); } });
  form.addEventListener("change", settle);
  form.addEventListener("submit", (e) => {
    if (busy && !waiting && form.requestSubmit) {           /* one after the other: the page knows what was saved */
      waiting = { button: e.submitter };
      setTimeout(() => { busy = false; if (waiting) form.requestSubmit(waiting.button); }, 5000);
      e.preventDefault();
      return;
    }
    if (busy) { e.preventDefault(); return; }
    waiting = null;
    leaving = true;
    clearTimeout(timer);
    form.querySelectorAll("[name=_unanswered]").forEach((x) => x.remove());
    if (saved !== edits) keep();
    unanswered.forEach((earlier) => {
      const box = d.createElement("input");
      Object.assign(box, { type: "hidden", name: "_unanswered", value: earlier });
      form.append(box);
    });
  });
  window.addEventListener("online", save);
  window.addEventListener("offline", () => { if (saved !== edits) say("late", line.dataset.offline); });
  window.addEventListener("pageshow", () => { leaving = false; });
  d.addEventListener("visibilitychange", () => { if (d.visibilityState === "hidden") save(); });

  /* What this tab could not hand over last time: the server draws it, as after “thêm dòng”. */
  function restore() {
    let last = null;
    try { last = JSON.parse(sessionStorage.getItem(store) || "null"); } catch (_) { /* nothing readable */ }
    if (!last || d.querySelector(".dv-errors")) return;
    const marks = (last.typed.find(([name]) => name === "_seen") || ["", ""])[1];
    if (last.sent && marks !== form.elements._seen.value) { forget(); return; }    /* it has arrived */
    unanswered = last.unanswered || [];
    const body = new FormData(), token = form.elements.csrfmiddlewaretoken.value;
    last.typed.forEach(([name, value]) => body.append(name, value));
    body.set("csrfmiddlewaretoken", token);
    body.set("_refresh", "1");
    fetch(location.href, { method: "POST", body, redirect: "manual" }).then((answer) => answer.ok && answer.text()).then((html) => {
      const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("form[data-autosave]");
      if (!fresh || edits) return;
      fresh.querySelector("#luu").replaceWith(line);
      form.replaceChildren(...fresh.childNodes);
      form.elements._seen.value = marks;
      form.elements.csrfmiddlewaretoken.value = token;
      settle();
      touched();
      say("soon", line.dataset.back);
    }).catch(() => { /* kept for the next time */ });
  }
  settle();
  restore();
})();
