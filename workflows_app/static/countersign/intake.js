// intake: comfort on top of plain forms and links.
"use strict";
// A second click while the first one is on its way does nothing; the key in the form would make it harmless anyway.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "intake-form") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
// A page that the back button brings back can be handed in again.
window.addEventListener("pageshow", () => {
  const form = document.getElementById("intake-form");
  if (form) delete form.dataset.sent;
});
// Whoever comes back to a form with errors starts at the first of them.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("#intake-form [aria-invalid=true]")?.focus();
});
