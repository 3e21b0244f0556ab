/* Many letters: one request a file, so that a slow line or one bad file loses none of the others. Without this script all
   of them go in one request. */
(function () {
  "use strict";

  function start(form) {
    const input = form.querySelector("input[type=file][multiple]");
    const state = form.querySelector("[data-upload-state]");
    let known = [];

    async function send(file) {
      const data = new FormData();
      data.append(input.name, file, file.name);
      try {
        const response = await fetch(form.action, {
          method: "POST", body: data, credentials: "same-origin",
          headers: { "X-Upload": "1", "X-CSRFToken": form.elements.namedItem("csrfmiddlewaretoken").value, Accept: "application/json" },
        });
        // Who is signed out meanwhile is led to the login page, which opens all right: that is no letter kept.
        if (response.redirected) return file.name + ": niet bewaard, want u bent intussen afgemeld. Meld u opnieuw aan en laad dit bestand opnieuw op.";
        if (response.ok) {
          const kept = await response.json().catch(function () { return {}; });
          if (kept.is_known) known.push(file.name);
          return "";
        }
        const answer = await response.json().catch(function () { return {}; });
        return answer.message || file.name + ": niet bewaard. Laad dit bestand opnieuw op.";
      } catch {
        return file.name + ": geen verbinding. Laad dit bestand opnieuw op; wat al bewaard is, blijft bewaard.";
      }
    }

    form.addEventListener("submit", async function (event) {
      const files = Array.from(input.files);
      if (files.length < 2) return;
      event.preventDefault();
      const button = form.querySelector("button[type=submit]");
      button.disabled = true;
      const problems = [];
      known = [];
      for (let index = 0; index < files.length; index += 1) {
        state.textContent = "Bezig: brief " + (index + 1) + " van " + files.length + ".";
        const problem = await send(files[index]);
        if (problem) problems.push(problem);
      }
      input.value = "";
      if (!problems.length && !known.length) {
        window.location.assign(form.dataset.letters + "?bewaard=" + files.length);
        return;
      }
      button.disabled = false;
      state.replaceChildren();
      const list = document.createElement("ul");
      problems.forEach(function (text) {
        const item = document.createElement("li");
        item.textContent = text;
        list.append(item);
      });
      if (known.length) {
        const item = document.createElement("li");
        item.textContent = "Met dezelfde inhoud was er al een brief; deze zijn niet opnieuw bewaard: " + known.join(", ") + ".";
        list.append(item);
      }
      const kept = files.length - problems.length - known.length;
      const told = document.createElement("strong");
      told.textContent = (kept ? kept + " van " + files.length + " bestanden bewaard. Niet bewaard:" : "Geen van de " + files.length + " bestanden is bewaard:");
      state.append(told, list);
      if (!kept && !known.length) return;
      const link = document.createElement("a");
      link.href = form.dataset.letters;
      link.textContent = "Toon alle brieven";
      state.append(link);
    });
  }

  document.querySelectorAll("form[data-letters]").forEach(start);
})();
