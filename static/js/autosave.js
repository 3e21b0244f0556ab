/* Saving while one types, and losing nothing when that fails. Every form also saves by its own button, without this file.

   <form data-autosave-url="…" data-rescue="user:path" data-state-url="…">
   autosave-url answers {"message", "version" | "versions": {"v12": 3}}: 200 saved, 409 a colleague's newer text, 422 something
   is wrong, 401 signed out. data-rescue: what is not saved yet is kept on this device under that name. data-state-url tells who
   else is here and which answers are newer than the page: {"others": […], "answers": {"12": {"version", "who", "at"}}}. */
(function () {
  "use strict";

  const PAUSE = 1500;
  const RETRY = 15000;
  const LOOK_AROUND = 20000;
  const PREFIX = "ibn-concept:";
  const KEPT_FOR = 14 * 24 * 3600 * 1000;

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  /* ---------------------------------------------------------------- on this device */

  const shelf = {
    read(name) {
      try { return JSON.parse(localStorage.getItem(PREFIX + name) || "null"); } catch { return null; }
    },
    write(name, value) {
      try { localStorage.setItem(PREFIX + name, JSON.stringify(value)); return true; } catch { return false; }
    },
    drop(name) {
      try { localStorage.removeItem(PREFIX + name); } catch { /* private window: nothing was kept */ }
    },
    tidy() {
      try {
        Object.keys(localStorage).filter(function (key) { return key.startsWith(PREFIX); }).forEach(function (key) {
          const kept = JSON.parse(localStorage.getItem(key) || "null");
          if (!kept || Date.now() - kept.at > KEPT_FOR) localStorage.removeItem(key);
        });
      } catch { /* as above */ }
    },
  };

  function typed(form) {
    const values = {};
    Array.from(form.elements).forEach(function (field) {
      if (!field.name || field.type === "hidden" || field.type === "file" || field.type === "submit" || field.type === "button") return;
      if (field.type === "radio" || field.type === "checkbox") {
        if (field.type === "radio" && !field.checked) return;
        values[field.name] = field.type === "radio" ? field.value : field.checked;
      } else {
        values[field.name] = field.value;
      }
    });
    return values;
  }

  function versions(form) {
    const found = {};
    form.querySelectorAll("input[type=hidden]").forEach(function (field) {
      if (/^v\d+$/.test(field.name)) found[field.name] = field.value;
    });
    return found;
  }

  function put(form, name, value) {
    const fields = form.querySelectorAll('[name="' + CSS.escape(name) + '"]');
    fields.forEach(function (field) {
      if (field.type === "radio") field.checked = field.value === value;
      else if (field.type === "checkbox") field.checked = Boolean(value);
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  function labelOf(form, name) {
    const field = form.querySelector('[name="' + CSS.escape(name) + '"]');
    const group = field && field.closest("fieldset");
    const label = field && field.id ? form.querySelector('label[for="' + CSS.escape(field.id) + '"]') : null;
    const text = (group && group.querySelector("legend")) || label;
    return text ? text.textContent.trim() : name;
  }

  /* What stands on this device and differs from the page: offered, never put back unasked. */
  function offer(form) {
    const kept = shelf.read(form.dataset.rescue);
    // data-not-saved: the page itself shows what was typed (a conflict, a login in between); the copy stays until it is saved.
    if (!kept || form.hasAttribute("data-not-saved")) return;
    const now = typed(form);
    const names = Object.keys(kept.values).filter(function (name) { return name in now && now[name] !== kept.values[name] && kept.values[name] !== ""; });
    if (!names.length) {
      shelf.drop(form.dataset.rescue);
      return;
    }
    const box = element("section", "", "callout tone-warning");
    box.setAttribute("aria-label", "Tekst die nog niet bewaard is");
    const body = element("div", "", "callout-body");
    const when = new Date(kept.at).toLocaleString("nl-BE", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
    body.append(
      element("p", "Op dit toestel staat nog tekst die niet bewaard raakte", "callout-title"),
      element("p", "U typte ze op " + when + ". Ze verschilt van wat hieronder staat. Zet ze terug, of gooi ze weg.")
    );
    names.forEach(function (name) {
      const details = element("details");
      details.append(element("summary", labelOf(form, name)), element("p", String(kept.values[name]), "kept-text"));
      body.append(details);
    });
    const row = element("div", "", "button-row");
    const back = element("button", "Zet mijn tekst terug", "btn btn-primary");
    const away = element("button", "Gooi weg", "btn btn-outline-primary");
    back.type = away.type = "button";
    back.addEventListener("click", function () {
      // With the version it was typed over: when a colleague saved meanwhile, the server shows both texts.
      names.forEach(function (name) {
        const version = form.elements.namedItem("v" + name.slice(1));
        const over = (kept.versions || {})["v" + name.slice(1)];
        if (version && over !== undefined) version.value = over;
      });
      names.forEach(function (name) { put(form, name, kept.values[name]); });
      box.remove();
      const first = form.querySelector('[name="' + CSS.escape(names[0]) + '"]');
      if (first) first.focus();
    });
    away.addEventListener("click", function () {
      shelf.drop(form.dataset.rescue);
      box.remove();
    });
    row.append(back, away);
    body.append(row);
    box.append(body);
    form.before(box);
  }

  /* ---------------------------------------------------------------- saving */

  async function freshToken(form) {
    const response = await fetch(window.location.pathname, { credentials: "same-origin", redirect: "manual" });
    if (!response.ok) return false;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (!token) return false;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (field) { field.value = token.value; });
    return Boolean(form);
  }

  /* The rail, when the part that is being written went from one state to another. */
  let railOf = "";
  async function freshRail(part) {
    const here = document.querySelector(".section-rail [aria-current]");
    const known = railOf || (here && here.closest("li").className + here.querySelector(".rail-state").textContent);
    const now = "is-" + part.state + (part.note || "");
    if (!here || (part.note ? known === now : known.startsWith(now))) return;
    railOf = now;
    try {
      const response = await fetch(window.location.pathname, { credentials: "same-origin", redirect: "manual" });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const [old, fresh] = [document.querySelector(".section-rail ol"), page.querySelector(".section-rail ol")];
      const [oldHead, head] = [document.querySelector(".section-rail summary"), page.querySelector(".section-rail summary")];
      if (!old || !fresh || old.contains(document.activeElement)) return;
      old.replaceWith(fresh);
      oldHead.replaceWith(head);
    } catch { /* it is only how far one is; the next page shows it */ }
  }

  function autosave(form) {
    const status = form.querySelector("[data-autosave-status]");
    const name = form.dataset.rescue;
    let timer = 0;
    let shelving = 0;
    let running = false;
    let again = false;
    let waiting = false; // for a login or a connection
    let isLost = false; // the connection
    let isSubmitting = false;
    let edits = 0;

    function tell(text, className, link) {
      if (!status) return;
      status.textContent = text;
      status.className = "autosave" + (className ? " " + className : "");
      if (link) {
        const anchor = element("a", "Meld u aan in een nieuw venster");
        anchor.href = link;
        anchor.target = "_blank";
        anchor.rel = "noopener";
        status.append(" ", anchor, ", kom terug naar deze pagina en uw tekst wordt bewaard.");
      }
    }

    function keep() {
      if (name) shelf.write(name, { at: Date.now(), values: typed(form), versions: versions(form) });
    }

    function failed(text, className, link) {
      form.dataset.changed = "1";
      keep();
      tell(text, className || "is-failed", link);
    }

    /* Whether all of it stands at the portal now. */
    async function save(options) {
      if (running) { again = true; return false; }
      running = true;
      let saved = false;
      clearTimeout(timer);
      const before = edits;
      delete form.dataset.changed;
      const data = new FormData(form);
      form.querySelectorAll("input[type=file]").forEach(function (input) { data.delete(input.name); });
      tell("Bezig met bewaren…");
      try {
        const response = await fetch(form.dataset.autosaveUrl, {
          method: "POST", body: data, headers: { "X-Autosave": "1", Accept: "application/json" }, credentials: "same-origin",
          redirect: "manual", keepalive: Boolean(options && options.leaving),
        });
        const isJson = (response.headers.get("content-type") || "").includes("json");
        const answer = isJson ? await response.json().catch(function () { return {}; }) : {};
        Object.entries(answer.versions || {}).forEach(function ([field, value]) {
          const version = form.elements.namedItem(field);
          if (version) version.value = value;
        });
        waiting = isLost = false;
        if (response.ok && isJson) {
          saved = edits === before;
          const version = form.querySelector("input[name=version]");
          if (version && answer.version !== undefined) version.value = answer.version;
          if (edits === before) { if (name) shelf.drop(name); } else { form.dataset.changed = "1"; }
          tell(answer.message || "Bewaard");
          if (answer.part) freshRail(answer.part);
          form.dispatchEvent(new CustomEvent("autosave:saved", { detail: answer }));
        } else if (response.status === 401 || response.type === "opaqueredirect") {
          waiting = true;
          failed(answer.message || "U bent niet meer aangemeld. Uw tekst staat nog op deze pagina.", "is-failed", answer.login || "/account/login/?next=" + encodeURIComponent(window.location.pathname));
        } else if (response.status === 403 && !(options && options.renewed)) {
          // Somebody logged in again in another window: the same form with a new token.
          if (await freshToken(form)) { running = false; return save({ renewed: true }); }
          failed("Niet bewaard: de pagina stond te lang open. Uw tekst wordt op dit toestel bijgehouden. Laad de pagina opnieuw; u krijgt uw tekst dan terug.");
        } else if (response.status >= 500) {
          waiting = true;
          failed("Het portaal antwoordt even niet: nog niet bewaard. Uw tekst wordt op dit toestel bijgehouden; we proberen het opnieuw.");
        } else {
          failed(answer.message || "Niet bewaard. Uw tekst staat nog op deze pagina: klik op Bewaar.", response.status === 409 ? "is-conflict" : "is-failed");
        }
      } catch {
        waiting = isLost = true;
        failed("Geen verbinding: nog niet bewaard. Uw tekst wordt op dit toestel bijgehouden; we proberen het opnieuw.");
      } finally {
        running = false;
      }
      if (again) { again = false; return save(); }
      return saved;
    }

    async function retry() {
      if (!waiting || running || document.hidden) return;
      try { if (await freshToken(form)) save({ renewed: true }); } catch { /* still no connection */ }
    }

    form.addEventListener("input", function () {
      edits += 1;
      clearTimeout(timer);
      clearTimeout(shelving);
      shelving = setTimeout(keep, 300);
      timer = setTimeout(save, PAUSE);
    });
    form.addEventListener("submit", async function (event) {
      clearTimeout(timer);
      clearTimeout(shelving);
      keep();
      if (isSubmitting || !(isLost || navigator.onLine === false)) return;
      // Without a connection the browser would put its own error page over the text: save first, then go.
      event.preventDefault();
      const button = event.submitter;
      if (await save()) {
        isSubmitting = true;
        form.requestSubmit(button);
        isSubmitting = false;
      }
    });
    document.addEventListener("visibilitychange", function () {
      if (document.hidden) { if (form.dataset.changed && !waiting && !form.dataset.leaving) save({ leaving: true }); } else { retry(); }
    });
    window.addEventListener("focus", retry);
    window.addEventListener("online", retry);
    setInterval(retry, RETRY);
  }

  /* ---------------------------------------------------------------- who else is here */

  function lookAround(form) {
    const line = document.querySelector("[data-others]");
    async function look() {
      if (document.hidden) return;
      let state;
      try {
        const response = await fetch(form.dataset.stateUrl, { headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "manual" });
        if (!response.ok) return;
        state = await response.json();
      } catch { return; }
      if (line) line.textContent = state.others.length ? state.others.join(" en ") + (state.others.length > 1 ? " hebben" : " heeft") + " dit onderdeel nu ook open." : "";
      Object.entries(state.answers).forEach(function ([id, newest]) {
        const version = form.elements.namedItem("v" + id);
        const field = form.querySelector('[name="q' + id + '"]');
        if (!version || !field) return;
        const holder = field.closest(".panel") || field.parentElement;
        let note = holder.querySelector("[data-newer]");
        if (Number(newest.version) <= Number(version.value)) { if (note) note.remove(); return; }
        if (!note) {
          note = element("p", "", "autosave is-conflict");
          note.dataset.newer = id;
          note.setAttribute("role", "status");
          holder.append(note);
        }
        note.textContent = newest.who + " bewaarde om " + newest.at + " een andere tekst bij deze vraag. Laad de pagina opnieuw om die te zien. Typt u voort, dan krijgt u bij het bewaren beide teksten naast elkaar.";
      });
    }
    setInterval(look, LOOK_AROUND);
    window.addEventListener("pageshow", function (event) { if (event.persisted) look(); });
    form.addEventListener("focusin", look, { once: true });
  }

  document.addEventListener("DOMContentLoaded", function () {
    shelf.tidy();
    document.querySelectorAll("form[data-rescue]").forEach(offer);
    document.querySelectorAll("form[data-autosave-url]").forEach(autosave);
    document.querySelectorAll("form[data-state-url]").forEach(lookAround);
  });
  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) event.target.querySelectorAll("form[data-autosave-url]").forEach(autosave);
  });
})();
