"""A day as `21 Nov 2026`, a moment as `21 Nov 2026 07:05 EST`: never without its zone."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y H:i T"
