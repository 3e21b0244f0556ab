/* The pitch days: a pitch is dragged to a free moment, or onto another pitch to trade places. Without this script, and by
   keyboard, the same is done on the pitch's own page and with the form below; both end in the same two forms. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-pitch-move]");
  if (!form) return;
  let dragged = null;

  function sent(action, values) {
    form.action = action;
    Object.entries(values).forEach(function ([name, value]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    });
    form.submit();
  }

  function takes(row) {
    return dragged && row !== dragged && (row.dataset.slot || (row.dataset.pitch && dragged.dataset.pitch));
  }

  document.querySelectorAll("[data-book]").forEach(function (source) {
    source.draggable = true;
    source.addEventListener("dragstart", function (event) {
      dragged = source;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", source.dataset.book);
    });
    source.addEventListener("dragend", function () { dragged = null; });
  });

  document.querySelectorAll("[data-slot], [data-pitch]").forEach(function (row) {
    row.addEventListener("dragover", function (event) {
      if (!takes(row)) return;
      event.preventDefault();
      row.classList.add("is-target");
    });
    row.addEventListener("dragleave", function () { row.classList.remove("is-target"); });
    row.addEventListener("drop", function (event) {
      if (!takes(row)) return;
      event.preventDefault();
      if (row.dataset.slot) sent(dragged.dataset.book, { slot: row.dataset.slot, stap: "plan" });
      else sent(form.dataset.pitchMove, { one: dragged.dataset.pitch, other: row.dataset.pitch });
    });
  });

  document.querySelectorAll("[data-drag-hint]").forEach(function (hint) { hint.hidden = false; });
})();
