/* Scores beside the dossier: what is complete follows what was saved, and each side of a narrow screen keeps its place. Works without. */
(function () {
  "use strict";

  function toldComplete(form, lacks) {
    const codes = Object.keys(lacks);
    const left = codes.filter(function (code) { return lacks[code]; }).length;
    codes.forEach(function (code) {
      const box = document.getElementById(code);
      const state = box && box.querySelector("[data-lacks]");
      if (!state) return;
      state.textContent = lacks[code] || "Volledig.";
      box.classList.toggle("is-complete", !lacks[code]);
      if (lacks[code]) return;
      box.classList.remove("has-problem");
      box.querySelectorAll(".field-problem").forEach(function (line) { line.remove(); });
    });
    const done = codes.length - left;
    document.querySelectorAll("[data-done]").forEach(function (figure) { figure.textContent = done + "/" + codes.length; });
    const counter = form.querySelector(".counter");
    if (!counter) return;
    counter.querySelector(".counter-figure").textContent = done;
    counter.querySelector(".meter-value").setAttribute("width", String(Math.floor(done * 100 / codes.length)));
    counter.querySelector(".counter-note").textContent = left ? "Nog " + left + " nodig" : "Alle criteria zijn volledig";
  }

  /* Both sides share one scroll bar: going to the other and back is coming back where one was reading. */
  function keepPlaces(sides) {
    const places = {};
    let side = sides.querySelector("input[name=kant]:checked").value;
    window.addEventListener("scroll", function () { places[side] = window.scrollY; }, { passive: true });
    sides.querySelectorAll("input[name=kant]").forEach(function (radio) {
      radio.addEventListener("change", function () {
        const start = sides.getBoundingClientRect().top + window.scrollY;
        const here = places[side] || 0;
        side = radio.value;
        if (here > start) window.scrollTo({ top: Math.max(places[side] || 0, start), behavior: "instant" });
      });
    });
  }

  /* From its first line, for it is longer than a phone; and a link leads to the whole criterion, its scale included. */
  function readFindings(summary) {
    summary.scrollIntoView({ block: "start", behavior: "instant" });
    summary.addEventListener("click", function (event) {
      const link = event.target.closest("a[href^='#']");
      const field = link && document.getElementById(link.hash.slice(1));
      const box = field && field.closest(".criterion");
      if (!box) return;
      event.preventDefault();
      (field.matches("legend") ? box.querySelector("input") : field).focus({ preventScroll: true });
      box.scrollIntoView({ block: "start", behavior: "instant" });
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".two-sides").forEach(keepPlaces);
    const summary = document.querySelector(".two-sides [data-error-summary]");
    if (summary) readFindings(summary);
    document.querySelectorAll("form[data-autosave-url]").forEach(function (form) {
      form.addEventListener("autosave:saved", function (event) { if (event.detail.lacks) toldComplete(form, event.detail.lacks); });
    });
  });
})();
