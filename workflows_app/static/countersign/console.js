// What every page of the console shares. htmx never evaluates text as code.
"use strict";
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

// A page that follows something does not ask while nobody looks at it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
});
