/* A board to draw a signature on. Without this script the board stays hidden and one uploads a signed PDF. */
(function () {
  "use strict";

  function start(frame) {
    const board = frame.querySelector("[data-board]");
    const state = frame.querySelector("[data-board-state]");
    const field = frame.parentElement.querySelector("[data-drawing]");
    const pen = board.getContext("2d");
    let strokes = [];
    let current = null;

    try { strokes = field.value ? JSON.parse(field.value) : []; } catch { strokes = []; }
    if (!Array.isArray(strokes)) strokes = [];

    function draw() {
      pen.clearRect(0, 0, board.width, board.height);
      pen.lineWidth = 3.5;
      pen.lineCap = "round";
      pen.lineJoin = "round";
      pen.strokeStyle = "#1b2a6b";
      strokes.forEach(function (stroke) {
        pen.beginPath();
        stroke.forEach(function (point, index) {
          if (index === 0) pen.moveTo(point[0], point[1]);
          pen.lineTo(point[0], point[1]);
        });
        pen.stroke();
      });
    }

    function keep() {
      field.value = strokes.length ? JSON.stringify(strokes) : "";
      state.textContent = strokes.length ? "Getekend." : "Nog niet getekend.";
    }

    function place(event) {
      const box = board.getBoundingClientRect();
      const x = Math.round((event.clientX - box.left) * board.width / box.width);
      const y = Math.round((event.clientY - box.top) * board.height / box.height);
      return [Math.min(Math.max(x, 0), board.width), Math.min(Math.max(y, 0), board.height)];
    }

    board.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      board.setPointerCapture(event.pointerId);
      current = [place(event)];
      strokes.push(current);
      draw();
    });
    board.addEventListener("pointermove", function (event) {
      if (!current) return;
      const point = place(event);
      const last = current[current.length - 1];
      if (Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) < 2) return;
      current.push(point);
      draw();
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      board.addEventListener(name, function () {
        if (!current) return;
        current = null;
        keep();
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
    frame.querySelector("[data-wipe]").addEventListener("click", function () {
      strokes = [];
      draw();
      keep();
    });

    frame.hidden = false;
    draw();
    keep();
  }

  document.querySelectorAll("[data-sign-board]").forEach(start);
})();
