// inbox: comfort on top of plain forms and links. Without it each row is a link to its card, and each decision a page.
"use strict";
(() => {
  const QUIET = 600; // ms after a card came by itself, in which a second click on the old button presses nothing
  const wide = matchMedia("(min-width: 1000px)");
  let quietUntil = 0;
  let wanted = ""; // the key that was pressed while its card was on its way

  const inbox = () => document.querySelector(".cs-inbox");
  const card = () => document.getElementById("card");
  const rows = () => [...document.querySelectorAll(".cs-inbox-row[data-row]:not(.cs-inbox-done)")];
  const link = (row) => row.querySelector("a");
  const rowOf = (id) => document.querySelector(`.cs-inbox-row[data-row="${CSS.escape(id)}"]`);
  const current = () => document.querySelector(".cs-inbox-row:has([aria-current])");

  // What is said over the card: `look` is the colour; `address` leads to what it is about.
  function say(text, look, address) {
    const said = document.getElementById("inbox-said");
    said.replaceChildren();
    const banner = document.createElement("div");
    banner.className = `cs-banner cs-banner-${look}`;
    banner.append(text);
    if (address) {
      const a = document.createElement("a");
      a.href = address;
      a.textContent = "Look at it";
      banner.append(" ", a);
    }
    said.append(banner);
    if (look === "bad") said.scrollIntoView({ block: "nearest" });
  }

  function mark(row) {
    current()?.querySelector("[aria-current]").removeAttribute("aria-current");
    link(row).setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", link(row).href);
  }

  // The card that is there can not be decided any more by the time another one was asked for.
  function show(row) {
    mark(row);
    if (card()) card().inert = true;
    htmx.ajax("GET", row.dataset.card, { target: "#card", swap: "outerHTML" });
  }

  function select(row) {
    document.getElementById("inbox-said").replaceChildren();
    if (wide.matches) show(row);
    else location.assign(link(row).href);
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : at + by];
    if (next) select(next);
    else if (by > 0) document.querySelector(".cs-inbox-more a")?.click();
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => focus('[name="verdict"][value="approve"]'),
    r: () => focus('textarea[name="reason"]'),
    e: () => {
      const details = card()?.querySelector("#edit details");
      if (details) details.open = true;
      focus("#edit input[type=text], #edit textarea, #edit input[type=checkbox]");
    },
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    "/": () => inbox().querySelector('.cs-inbox-filters input[name="q"]').focus(),
    "?": () => {
      const help = document.getElementById("inbox-keys");
      help.open = !help.open;
      help.scrollIntoView({ block: "nearest" });
    },
  };

  function focus(selector) {
    if (!card() || card().inert) return;
    const found = card().querySelector(selector);
    found?.focus();
    found?.scrollIntoView({ block: "nearest" });
  }

  const typing = (element) =>
    element.isContentEditable || (element.matches("input, textarea, select") && !element.matches("[type=checkbox]"));

  function pressed(event) {
    if (!inbox() || event.repeat) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.name === "reason") {
      card().querySelector('[name="verdict"][value="reject"]').click();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    quietUntil = 0;
    if ("are".includes(event.key) && card()?.inert) wanted = event.key;
    else act();
  }

  function clicked(event) {
    const reason = event.target.closest(".cs-reason");
    if (reason) {
      event.preventDefault(); // chosen and sent is for who has no script: here it is only copied, and may be changed
      return chooseReason(reason);
    }
    if (!inbox()) return;
    if (event.target.closest("#card button") && performance.now() < quietUntil) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const row = event.target.closest(".cs-inbox-row a") && event.target.closest(".cs-inbox-row");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (row && plain && wide.matches) {
      event.preventDefault();
      select(row);
    }
  }

  // Only an answer that is a card takes the place of the card, and a login page never takes the place of anything.
  function answered(event) {
    if (!inbox() || !inbox().contains(event.detail.target)) return;
    const { xhr, requestConfig, serverResponse, target } = event.detail;
    const elsewhere = pathOf(xhr.responseURL) !== pathOf(requestConfig.path);
    const isCard = serverResponse.trimStart().startsWith('<div id="card"');
    const late = requestConfig.verb === "get" && current() && requestConfig.path !== current().dataset.card;
    const fits = target.id === "card" ? isCard : xhr.status === 200;
    event.detail.isError = false;
    // At once: until htmx has settled it has not taken over the new forms, and a quick Enter would send a plain one.
    if (target.id === "card") event.detail.swapOverride = "outerHTML settle:0ms";
    event.detail.shouldSwap = fits && !elsewhere && !(target.id === "card" && late);
    if (!fits || elsewhere) failed(xhr, elsewhere);
  }

  const pathOf = (address) => new URL(address || location.href, location.href).pathname;

  function open() {
    if (card()) card().inert = false;
    quietUntil = 0;
    wanted = "";
  }

  function failed(xhr, elsewhere) {
    open();
    if (elsewhere && pathOf(xhr.responseURL).startsWith(inbox().dataset.login)) {
      say("You are not logged in any more, so nothing was decided. Log in, and then look at it again.", "bad", location.href);
    } else if (xhr.status === 403) {
      say("You may not do that, or this page is too old. Nothing was decided: load the page again.", "bad", location.href);
    } else if (xhr.status === 404) {
      say("This is not there any more.", "bad", inbox().dataset.list);
    } else {
      say(`The server could not answer (${xhr.status}). Load the card again to see how it stands.`, "bad", location.href);
    }
  }

  function unreachable() {
    if (!inbox()) return;
    open();
    say("The server cannot be reached, so it is not known whether that arrived. Try again: nothing is done twice.", "bad");
  }

  function decided(event) {
    const { id, outcome, message, title, now } = event.detail;
    const row = rowOf(id);
    refreshCount();
    if (outcome === "approved" || outcome === "rejected") {
      say(`${title}: ${message}`, "good", row && link(row).href);
      if (row) settle(row, outcome);
      advance(row);
      return;
    }
    if (now) {
      quietUntil = performance.now() + QUIET; // this card came by itself, with its buttons where the others were
      replace(row, now);
    }
    if (outcome === "edited" || outcome === "again") document.querySelector(".cs-inbox-pane").scrollIntoView({ block: "start" });
    if (outcome !== "refused") say(message, outcome === "edited" || outcome === "again" ? "good" : "warn");
    else {
      document.getElementById("inbox-said").replaceChildren();
      if (row && !now && !card().querySelector('[name="verdict"]')) settle(row, "not open any more");
      card().querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
    }
  }

  function settle(row, verdict) {
    row.classList.add("cs-inbox-done");
    row.querySelectorAll("input").forEach((input) => input.remove());
    const chip = document.createElement("span");
    chip.className = `cs-chip cs-chip-${verdict}`;
    chip.textContent = verdict;
    link(row).append(chip);
    ticked();
  }

  function advance(row) {
    const all = [...document.querySelectorAll(".cs-inbox-row[data-row]")];
    const left = rows();
    const next = left.find((other) => all.indexOf(other) > all.indexOf(row)) || left[0];
    if (!next) return;
    quietUntil = Infinity; // until it is there
    wanted = "";
    show(next);
  }

  // The row of the proposal that took the place of `row`'s. Each request has a source of its own: of two with the same
  // source htmx makes the second wait, and says at once that it is done.
  function replace(row, id) {
    if (!row) return;
    const path = row.dataset.card.replace(/[^/]+\/card\/$/, `${encodeURIComponent(id)}/row/`);
    htmx.ajax("GET", path + location.search, { source: row, target: row, swap: "outerHTML" }).then(() => rowOf(id) && mark(rowOf(id)));
  }

  function refreshCount() {
    const target = document.querySelector(".cs-inbox-count");
    if (target) htmx.ajax("GET", target.dataset.address + location.search, { source: target, target, swap: "innerHTML" });
  }

  function swapped(event) {
    const { requestConfig, target } = event.detail;
    if (!inbox() || !card() || target?.id !== "card" || requestConfig?.verb !== "get") return;
    if (quietUntil === Infinity) quietUntil = performance.now() + QUIET;
    const pane = document.querySelector(".cs-inbox-pane");
    if (pane.getBoundingClientRect().top < 0) pane.scrollIntoView({ block: "start" });
    const key = wanted;
    wanted = "";
    if (key) keys[key]();
  }

  function chooseReason(label) {
    const field = label.closest("form").querySelector('textarea[name="reason"]');
    field.value = label.dataset.reason;
    field.focus();
  }

  function ticked() {
    const place = document.querySelector("[data-ticked]");
    const number = document.querySelectorAll('.cs-inbox-row input[name="ticked"]:checked').length;
    if (place) place.textContent = number ? `${number} ticked` : "";
  }

  document.addEventListener("keydown", pressed, true);
  document.addEventListener("click", clicked, true);
  document.addEventListener("change", (event) => {
    if (!inbox()) return;
    if (event.target.name === "ticked") ticked();
    if (event.target.closest(".cs-inbox-filters") && event.target.name !== "q") event.target.form.requestSubmit();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (inbox() && event.detail.elt.closest("#card form")) card().inert = true;
  });
  document.addEventListener("htmx:beforeSwap", answered);
  document.addEventListener("htmx:afterSwap", swapped);
  document.addEventListener("htmx:sendError", unreachable);
  document.addEventListener("htmx:timeout", unreachable);
  document.addEventListener("countersign:decided", decided);
})();
