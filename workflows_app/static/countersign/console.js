// What every page of the console shares. htmx never evaluates text as code.
"use strict";
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

// A page that follows something does not ask while nobody looks at it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
});

// After a login in another tab the forms of this page have a token that is not the browser's any more. With the one of
// now they can be sent, and nothing that was typed is lost.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector('input[name="csrfmiddlewaretoken"]');
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  if (field && cookie) field.value = cookie.slice("csrftoken=".length);
}, true);
