// What every page of the console shares. htmx never evaluates text as code.
"use strict";
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
