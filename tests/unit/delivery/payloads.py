"""A hundred texts that a careless renderer would evaluate: Django, Jinja, `${{ }}`, printf, shell, HTML, typst."""

_CORES = (
    "{{ a }}", "{{ 7*7 }}", "{{ our_company.name }}", "{% load i18n %}", "{% debug %}", "{# gone #}",
    "{% include 'x' %}", "{%", "%}", "{{", "}}", "${{ inputs.x }}", "${{ run.id }}", "%s", "%(a)s", "%n", "{0}",
    "{a}", "{a.__class__}", "$a", "${HOME}", "`id`", "$(id)", "<b>&amp;</b>", "<script>alert(1)</script>",
    "&lt;", "#panic()", "#{1+1}", "\\u0041", "\\n", "{{ a|safe }}", "{{ a.__class__.__mro__ }}",
    "{% for x in a %}", "{% endfor %}", "{% if a %}", "{{ _('a') }}", "__import__('os')",
    "'; DROP TABLE customers; --", "=HYPERLINK(\"x\")", "{% verbatim %}", "{{ block.super }}",
    "{% templatetag openblock %}", "{% now 'Y' %}", "{{{ a }}}", "{{ '{{ a }}' }}", "{%- a -%}", "<%= 1 %>",
    "#set x = 1", "$x^2$", "*bold*",
)  # fmt: skip
PAYLOADS = [*_CORES, *(f"Ünïcode 🥕 {core}\n{core}" for core in _CORES)]
