// intake: comfort on top of plain forms and links.
"use strict";
