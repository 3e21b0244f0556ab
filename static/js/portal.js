/* Small enhancements; every page reads and submits without them. No dependencies, nothing inline. */
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  /* As the server counts them: runs without white space that hold a letter or a digit. */
  const WORD = /\S*[\p{L}\p{N}_]\S*/gu;

  function each(root, selector, run) {
    if (root.matches && root.matches(selector)) run(root);
    root.querySelectorAll(selector).forEach(run);
  }

  /* The menu on narrow screens. */
  function menuButton(button) {
    const menu = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", function () {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
      menu.classList.toggle("is-open", open);
    });
  }

  /* Menus made of <details> close with Escape; small ones also when one clicks beside them. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-popup][open]").forEach(function (menu) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.user-menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  /* Words or characters left, under a text. */
  function counter(field) {
    if (field.dataset.counted || field.closest(".table-filter") || field.type === "password") return;
    const maxWords = Number(field.dataset.maxWords || 0);
    const maxCharacters = maxWords ? 0 : field.maxLength;
    if (!maxWords && (maxCharacters < 1 || field.tagName !== "TEXTAREA")) return;
    field.dataset.counted = "1";
    const line = document.createElement("p");
    line.className = "form-counter";
    line.id = field.id + "_counter";
    const spoken = document.createElement("span");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    field.after(line, spoken);
    let timer = 0;
    function say() {
      const used = maxWords ? (field.value.match(WORD) || []).length : field.value.length;
      const most = maxWords || maxCharacters;
      const unit = maxWords ? "woorden" : "tekens";
      line.textContent = used > most ? used + " van " + most + " " + unit + ": " + (used - most) + " te veel" : used + " van " + most + " " + unit;
      line.classList.toggle("is-over", used > most);
      clearTimeout(timer);
      timer = setTimeout(function () { if (document.activeElement === field) spoken.textContent = line.textContent; }, 1200);
    }
    field.addEventListener("input", say);
    say();
  }

  /* The names of chosen files, and whether one is larger than allowed. */
  function chosenFiles(input) {
    const list = document.createElement("ul");
    list.className = "chosen-files";
    list.setAttribute("role", "status");
    list.hidden = true;
    input.after(list);
    input.addEventListener("change", function () {
      list.replaceChildren.apply(list, Array.from(input.files).map(function (file) {
        const item = document.createElement("li");
        const size = file.size < 1e6 ? Math.ceil(file.size / 1000) + " kB" : (file.size / 1e6).toFixed(1).replace(".", ",") + " MB";
        item.textContent = file.name + " (" + size + ")";
        return item;
      }));
      list.hidden = !input.files.length;
    });
  }

  /* One submit at a time. Lifted when the page comes back, when the browser stays, and after htmx has answered. */
  function free(form) {
    delete form.dataset.busy;
    delete form.dataset.leaving;
  }
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-no-guard")) return;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    form.dataset.busy = "1";
    form.dataset.leaving = "1";
    setTimeout(function () { free(form); }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-busy]").forEach(free);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    const form = event.target.closest && event.target.closest("form");
    if (form) free(form);
  });

  /* Leaving with changes that were not saved. */
  function unsaved(form) {
    form.addEventListener("input", function () { form.dataset.changed = "1"; });
  }
  window.addEventListener("beforeunload", function (event) {
    const waiting = Array.from(document.querySelectorAll("form[data-changed]")).some(function (form) {
      return !form.dataset.leaving && (form.hasAttribute("data-unsaved") || form.hasAttribute("data-autosave-url"));
    });
    if (waiting) event.preventDefault();
  });

  /* One key for a link or a button of the page ([data-shortcut]), and j / k from one criterion to the next. Not while somebody
     types, never with Ctrl or Alt, and off for whoever turned them off (remembered in this browser). */
  const KEYS_OFF = "ibn-shortcuts-off";
  function keysOff() {
    try { return localStorage.getItem(KEYS_OFF) === "1"; } catch { return false; }
  }
  function shortcutSwitch(holder) {
    const button = holder.querySelector("button");
    function say() {
      button.setAttribute("aria-pressed", String(!keysOff()));
      button.textContent = keysOff() ? "Sneltoetsen staan uit" : "Sneltoetsen staan aan";
    }
    button.addEventListener("click", function () {
      try { localStorage.setItem(KEYS_OFF, keysOff() ? "0" : "1"); } catch { /* then they stay as they are */ }
      say();
    });
    holder.hidden = false;
    say();
  }
  function step(by) {
    const rows = Array.from(document.querySelectorAll(".evidence-row[id]"));
    if (!rows.length) return;
    const here = rows.findIndex(function (row) { return row.classList.contains("is-current"); });
    const next = rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by))];
    rows.forEach(function (row) { row.classList.toggle("is-current", row === next); });
    const field = next.querySelector("input:checked, input:not([type=hidden]), textarea, summary, a");
    next.scrollIntoView({ block: "start" });
    if (field) field.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || keysOff()) return;
    const at = event.target;
    const types = at.isContentEditable || /^(TEXTAREA|SELECT)$/.test(at.tagName) || (at.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(at.type));
    if (types || !document.querySelector("[data-shortcuts-switch]")) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
      return;
    }
    const target = /^[a-z]$/.test(event.key) && document.querySelector("[data-shortcut=" + event.key + "]");
    if (target) {
      event.preventDefault();
      target.click();
    }
  });

  /* The search that answers while one types: / leads to it, the arrows go through what was found, Escape goes back and closes. */
  function searchField(field) {
    const panel = document.getElementById(field.dataset.search);
    const box = field.closest("form").contains(panel) ? panel : null;
    function hits() { return Array.from(panel.querySelectorAll("[data-search-hit]")); }
    function go(event) {
      const all = hits();
      const here = all.indexOf(document.activeElement);
      if (event.key === "Escape") {
        if (box) box.hidden = true;
        field.focus();
        event.preventDefault();
      } else if (event.key === "ArrowDown" && all.length) {
        event.preventDefault();
        if (box) box.hidden = false;
        all[Math.min(here + 1, all.length - 1)].focus();
      } else if (event.key === "ArrowUp" && here >= 0) {
        event.preventDefault();
        (here ? all[here - 1] : field).focus();
      }
    }
    field.addEventListener("keydown", go);
    panel.addEventListener("keydown", go);
    if (!box) return;
    field.addEventListener("input", function () { box.hidden = false; });
    field.form.addEventListener("focusout", function (event) {
      if (event.relatedTarget && !field.form.contains(event.relatedTarget)) box.hidden = true;
    });
    document.addEventListener("click", function (event) {
      if (!field.form.contains(event.target)) box.hidden = true;
    });
  }
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || keysOff()) return;
    const at = event.target;
    if (at.isContentEditable || /^(TEXTAREA|SELECT|INPUT)$/.test(at.tagName)) return;
    const fields = Array.from(document.querySelectorAll("[data-search]")).filter(function (field) { return field.offsetParent; });
    const field = fields[fields.length - 1];
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  /* What is asked only when something is ticked. */
  function shownBy(part) {
    const tick = part.closest("form").elements.namedItem(part.dataset.shownBy);
    if (tick) tick.addEventListener("change", function () { part.hidden = !tick.checked; });
  }

  function enhance(root) {
    each(root, "[data-shown-by]", shownBy);
    each(root, "[data-search]", searchField);
    each(root, "[data-shortcuts-switch]", shortcutSwitch);
    each(root, "[data-menu-button]", menuButton);
    each(root, "textarea, input[data-max-words]", counter);
    each(root, "input[type=file]", chosenFiles);
    each(root, "form[data-unsaved], form[data-autosave-url]", unsaved);
  }

  document.addEventListener("DOMContentLoaded", function () {
    enhance(document);
    const summary = document.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  });
  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) enhance(event.target);
  });
})();
