"""Every rule of DESIGN.md section 4: a good contract, changed in one place, is refused there and nowhere else."""

# ruff: noqa: E501 - one rule a line reads best

from pathlib import Path

import pytest

from tests.unit.contracts.kinds import CATALOG
from workflows_app.contracts.load import load_text
from workflows_app.contracts.problems import ContractErrors

GOOD = Path("tests/contracts/good/everything.v3.yaml").read_text(encoding="utf-8")

# name: (old text, new text, the text at which the problem is reported, a part of its message)
BAD: dict[str, tuple[str, str, str, str]] = {
    # --- YAML
    "a_key_twice": ("category: Test", "category: Test\ntitle: Again", "title: Again", "here twice"),
    "an_anchor": ("category: Test", "category: &c Test", "&c", "anchors (&c)"),
    "an_alias": ("category: Test", "category: *c", "*c", "aliases (*c)"),
    "a_merge_key": ("  kind: cron\n", "  kind: cron\n  <<: {tz: UTC}\n", "<<:", "merge keys"),
    "a_tag": ("category: Test", "category: !!str Test", "!!str", "tags"),
    "the_word_no": ("alert_on_final_failure: true", "alert_on_final_failure: no", "no}", "'no' in quotes, or true/false"),
    "a_shouted_boolean": ("alert_on_final_failure: true", "alert_on_final_failure: TRUE", "TRUE}", "in small letters"),
    "an_octal_number": ("max_attempts: 3", "max_attempts: 010", "010", "without the leading zero"),
    "a_time_in_base_60": ("existing_cron: R174", "existing_cron: 1:30", "1:30", "base 60"),
    "a_fraction": ('default: "0.15"', "default: 0.15", "0.15}", "write '0.15' in quotes"),
    "a_key_that_is_a_number": ("owner: purchasing", "7: purchasing", "7: purch", "a key must be text"),
    "a_key_that_is_a_boolean": ("owner: purchasing", "on: purchasing", "on: purch", "'on' in quotes"),
    "a_second_document": ("alert_on_final_failure: true}\n", "alert_on_final_failure: true}\n---\na: 1\n", "---", "one contract"),
    "a_tab": ("  kind: cron\n", "\tkind: cron\n", "\tkind", "a tab cannot indent"),
    "broken_yaml": ("params: [codes]", "params: [codes", ": line", "YAML"),
    "a_control_character": ("title: Everything", 'title: "Every\\0thing"', '"Every', "control character"),
    # --- shape
    "an_unknown_key": ("owner: purchasing", "ownr: purchasing", "ownr", "did you mean owner?"),
    "an_unknown_key_of_a_step": ("    tool: propose", "    tols: []\n    tool: propose", "tols", "did you mean tool?"),
    "a_missing_key": ("title: Everything\n", "", "workflow_type: ev", "is missing"),
    "a_name_with_a_capital": ("- {name: dry,", "- {name: Dry,", "Dry", "should be a name"),
    "text_where_a_number_belongs": ("contract_version: 3", 'contract_version: "3"', '"3"', "a whole number"),
    "a_number_where_text_belongs": ("title: Everything", "title: 7", "7\n", "should be text"),
    "a_version_of_zero": ("contract_version: 3", "contract_version: 0", "0\ntitle", "greater than or equal to 1"),
    "a_risk_level_of_six": ("risk_level: 3", "risk_level: 6", "6\nreflexion", "less than or equal to 5"),
    "an_unknown_severity": ("severity: block", "severity: blok", "blok", "'block' or 'warn'"),
    "an_unknown_trigger": ("  kind: cron\n", "  kind: timer\n", "kind: timer", "needs kind: manual"),
    "an_unknown_step_kind": ("kind: ns_push", "kind: ns_pusch", "ns_pusch", "did you mean ns_push?"),
    "a_step_without_kind": ("    kind: ns_push\n", "", "name: push_customer", "needs a kind"),
    "an_unknown_verify_kind": ("kind: artifact", "kind: artefact", "artefact", "did you mean artifact?"),
    "an_unknown_verb": ("- insert: ar_disputes", "- insrt: ar_disputes", "insrt", "needs exactly one of"),
    "a_bad_duration": ("window: 10s", "window: 10 seconds", "10 seconds", "a duration such as 10s"),
    "an_expiry_of_nothing": ("expires_after: 3d", "expires_after: 0d", "0d", "at least 1s"),
    "neither_sql_nor_provider": ("    sql: SELECT SUM(amount) FROM ar_aging\n", "", "name: total", "either sql or provider"),
    "groups_without_group_by": ("    group_by: [customer_id, customer_name]\n", "", "name: stale", "group_by belongs to"),
    "an_empty_expectation": ("    expect: rows >= 1\n", "", "name: disputed", "is missing"),
    "an_artifact_that_may_be": ("expect: present", "expect: maybe", "maybe", "'present' or 'absent'"),
    "a_letter_without_text": ("    template: item_discontinued\n", "", "name: letters", "needs either template, or subject and body"),
    "a_format_of_another_type": ("limit, type: integer,", "limit, type: integer, format: price,", "price,", "price narrows decimal, and this is integer"),
    "an_unknown_format": ("limit, type: integer,", "limit, type: integer, format: prize,", "prize,", "'amount', 'price' or 'school_year'"),
    "fields_of_no_object": ("limit, type: integer,", "limit, type: integer, fields: [{name: a, type: string}],", "[{name: a", "only an object has fields"),
    "a_field_with_a_bad_pattern": ("extra, type: object,", 'extra, type: object, fields: [{name: note, type: string, pattern: "("}],', '"("', "no regular expression"),
    # --- names
    "an_input_named_as_a_context_entry": ("{name: dry,", "{name: total,", "total\n    tables", "used twice"),
    "an_input_named_as_a_root": ("{name: dry,", "{name: steps,", "steps, type", "always means something else"),
    "an_input_named_as_a_word": ("{name: dry,", "{name: between,", "between", "a word of the expression language"),
    "two_steps_of_one_name": ("- name: push_customer", "- name: price_rows", "price_rows\n    kind: ns", "used twice"),
    "two_verify_checks_of_one_name": ("{name: sheet_stored", "{name: disputed", "disputed, kind", "used twice"),
    "two_checks_of_one_name": ("check: fresh", "check: codes_known", 'codes_known, rule: "MAX', "used twice"),
    "an_alias_named_as_an_input": ("as: row, record: {code: \"${{ row.item_code }}\"}", "as: codes, record: {}", "codes, record", "is taken already"),
    "an_unknown_need": ("    needs: [sheet]\n", "    needs: [sheat, sheet]\n", "sheat", "did you mean sheet?"),
    "a_circle_of_needs": ("    if: customer.ent", "    needs: [price_rows]\n    if: customer.ent", "[price_rows]", "in a circle"),
    "an_unknown_name_in_a_rule": ("rule: customer.id IS", "rule: custmer.id IS", "custmer", "did you mean customer?"),
    "an_unknown_column_of_a_row": ("${{ price.item_code }}", "${{ price.item_cod }}", "price.item_cod ", "did you mean"),
    "a_step_that_is_not_needed": ("    needs: [open_dispute]\n    operations", "    operations", "steps.open_dispute.ar_disputes.id }}\"\n          line", "add open_dispute to needs"),
    "a_later_context_entry": ("params: [customer_id]\n    shape", "params: [total]\n    shape", "total]\n    shape", "total is not"),
    "a_row_of_a_looping_operation": ("steps.open_dispute.ar_disputes.id]", "steps.price_rows.quote_lines.id]", "steps.price_rows", "no quote_lines"),
    "was_outside_of_recheck": ("if: customer.entitystatus", "if: was.customer.id = '1' OR customer.entitystatus", "was.customer.id", "was is not"),
    # --- start
    "a_bad_cron": ("cron: 0 6 * * *", "cron: 0 25 * * *", "0 25", "is no cron expression"),
    "a_cron_of_six_fields": ("cron: 0 6 * * *", "cron: 0 0 6 * * *", "0 0 6", "has 6 fields"),
    "a_cron_that_never_comes": ("cron: 0 6 * * *", "cron: 0 6 31 2 *", "0 6 31", "Bad day-of-month"),
    "an_unknown_time_zone": ("tz: America/New_York", "tz: America/NewYork", "America/NewYork", "did you mean America/New_York?"),
    "a_default_of_another_type": ("default: 10}", "default: ten}", "ten}", "'ten' is not of the type integer"),
    "a_required_input_with_default": ("year, type: string,", "year, type: string, required: true,", "2026-27}", "has no default"),
    "a_required_input_that_a_cron_cannot_give": ("customer_id, type: string,", "customer_id, type: string, required: true,", "true, pattern", "a cron trigger cannot give customer_id"),
    "a_pattern_that_is_none": ('pattern: "[0-9a-z-]+"', 'pattern: "[0-9"', '"[0-9"', "is no regular expression"),
    "a_backoff_without_base": ("base_ms: 1500, ", "", "{max_attempts: 3", "needs base_ms"),
    "a_longest_wait_below_the_first": ("max_ms: 30000", "max_ms: 30", "30, alert", "is less than base_ms"),
    # --- context
    "an_unknown_table": ("tables: [customers]", "tables: [custommers]", "custommers", "did you mean customers?"),
    "sql_that_writes": ("sql: SELECT SUM(amount) FROM ar_aging", "sql: SELECT SUM(amount) FROM ar_aging; DELETE FROM ar_aging", "SELECT SUM(amount)", "exactly one SELECT"),
    "sql_with_an_unknown_column": ("amount, days_overdue\n", "amount, days_late\n", "days_late", "days_late"),
    "sql_over_an_undeclared_table": ("tables: [ar_aging]\n    sql: SELECT SUM(amount) FROM", "tables: [ar_aging]\n    sql: SELECT (SELECT COUNT(*) FROM customers) FROM", "customers) FROM", "customers is not declared"),
    "sql_with_a_template": ("item_code IN (?)", "item_code IN (?) AND id = '${{ customer_id }}'", "${{ customer_id }}'\n    params", "as ? and params"),
    "too_few_parameters": ('params: [limit, "contains(customer.companyname)"]', "params: [limit]", "[limit]", "has 2 ?, and 1"),
    "one_value_for_in": ("params: [codes]", "params: [customer_id]", "customer_id]\n  - name: line", "IN (?) takes a list"),
    "text_for_a_number": ("params: [limit, ", "params: [customer_id, ", "customer_id, \"contains", "is compared with"),
    "an_unknown_provider": ("provider: quote_pricing", "provider: quote_prices", "quote_prices", "did you mean quote_pricing?"),
    "a_missing_provider_parameter": ("{customer_id: customer.id, item_codes: codes, ", "{customer_id: customer.id, ", "{customer_id: customer.id, ", "needs the parameter item_codes"),
    "an_unknown_provider_parameter": ("quote_id: customer_id}", "quote_id: customer_id, yeer: codes}", "yeer", "takes no parameter yeer"),
    # --- rules and expressions
    "a_rule_that_does_not_parse": ("rule: customer.id IS NOT NULL", "rule: customer.id IS NOT", ", severity: block", "stops too early"),
    "a_rule_that_is_no_rule": ("rule: customer.id IS NOT NULL", "rule: customer.id", "customer.id, sev", "should be TRUE or FALSE"),
    "text_against_number": ("if: customer.entitystatus != 'hold'", "if: customer.entitystatus != 3", "!= 3", "cannot be compared"),
    "an_unknown_function": ("count(stale) }}\", last", "cont(stale) }}\", last", "cont(stale)", "did you mean count?"),
    "a_template_that_is_not_closed": ("Over ${{ limit }} days", "Over ${{ limit days", "${{ limit days", "not closed"),
    "a_list_in_the_midst_of_text": ("Over ${{ limit }} days", "Over ${{ codes }} days", "codes }} days", "midst of text"),
    "a_match_with_an_unknown_column": ("match spec_items.item_code", "match spec_items.code", "spec_items.code", "no column code"),
    "a_loop_over_a_row": ("for_each: prices\n        as", "for_each: customer\n        as", "customer\n        as", "a loop needs a list"),
    "a_loop_without_alias": ("        as: price\n", "", "insert: quote_lines", "belong together"),
    "an_alias_without_loop": ("    kind: ns_push\n", "    kind: ns_push\n    as: one\n", "as: one", "belongs to for_each"),
    "a_key_that_no_element_has": ("key: customer_id\n", "key: custmer_id\n", "custmer_id", "to identify it by"),
    # --- operations
    "a_table_that_may_not_be_written": ("{update: customers,", "{update: sync_log,", "sync_log, where", "only read sync_log"),
    "an_unknown_table_to_write": ("update: customer_profiles", "update: customer_profile", "customer_profile\n", "did you mean customer_profiles?"),
    "an_unknown_column_to_write": ("dunning_paused: false", "dunning_pause: false", "dunning_pause:", "did you mean dunning_paused?"),
    "an_unknown_column_in_where": ("where: {customer_id: [", "where: {customerid: [", "customerid", "has no column customerid"),
    "an_insert_that_lacks_a_column": ("          reason: \"Over ${{ limit }} days\"\n", "", "customer_id: \"${{ customer.id }}\"\n          dunning", "needs reason"),
    "a_literal_of_another_type": ("dunning_paused: false", 'dunning_paused: "false"', '"false"', "should be true or false"),
    "a_value_of_another_type": ("case_price: \"${{ price.case_price }}\"", "case_price: \"${{ price.item_code }}\"", "\"${{ price.item_code }}\"\n          price", "is text, and the column holds decimal"),
    "null_where_none_may_be": ("reason: \"Over ${{ limit }} days\"", "reason: null", "null", "cannot be NULL"),
    "a_match_that_is_not_unique": ("match: [customer_id, item_code, school_year]", "match: [customer_id, item_code]", "[customer_id, item_code]\n  - name", "does not identify a row"),
    "a_promotion_of_strangers": ("match: [customer_id, item_code, school_year]", "match: [customer_id, item_code, year]", "year]", "not a column of both"),
    "two_inserts_of_one_name": ("      - promote: proposed", "      - {insert: ar_disputes, values: {customer_id: a, reason: b, opened_at: {placeholder: now}}}\n      - promote: proposed", "{insert", "give this one an id"),
    "an_unknown_placeholder": ("opened_at: {placeholder: now}", "opened_at: {placeholder: today}", "today", "now, artifact_sha256 or ns_id"),
    "a_placeholder_of_an_unknown_step": ("of: sheet}}}", "of: sheat}}}", "sheat", "there is no step sheat"),
    "a_placeholder_of_another_kind": ("credit_limit: \"1250.00\"", "credit_limit: {placeholder: now}", "{placeholder: now}, last_quote_event", "is no decimal"),
    "a_key_that_is_updated": ("set: {entitystatus: active}", "set: {id: x}", "id: x}", "cannot change the key"),
    "a_row_that_is_not_born_here": ("insert: ar_disputes\n        values:\n", "insert: payment_terms\n        values: {name: a, days: 1}\n      - insert: ar_disputes\n        values:\n", "{name: a", "needs its id"),
    "an_email_without_approval": ("      - promote: proposed", "      - email: {to: a@b.example, subject: x, body: y}\n      - promote: proposed", "email: {to", "needs an approved proposal"),
    "an_event_that_says_approved": ("{type: everything.done,", "{type: proposed_action.approved,", "proposed_action.approved", "by decisions and runs only"),
    "an_event_that_says_completed": ("{type: everything.done,", "{type: Workflow.completed,", "Workflow.completed", "by decisions and runs only"),
    "a_key_that_belongs_to_a_decision": ('key: "everything:${{ run.id }}", payload', 'key: "proposal:${{ run.id }}:approved", payload', '"proposal:$', "belongs to decisions"),
    # --- letters, attachments, limits
    "an_unknown_letter_template": ("template: item_discontinued", "template: items_discontinued", "items_discontinued", "did you mean item_discontinued?"),
    "a_letter_that_lacks_a_value": (", replacement: \"${{ sum(debtor.rows.amount) }}\"}", "}", "{item: \"${{ debtor", "needs replacement"),
    "a_letter_with_a_value_too_many": ("values: {item: \"${{ debtor", "values: {itm: x, item: \"${{ debtor", "itm:", "uses no itm"),
    "an_attachment_of_no_step": ("{step: sheet, name", "{step: shet, name", "shet", "there is no step shet"),
    "an_attachment_that_is_not_produced": ("{step: sheet, name", "{step: letters, name", "letters, name", "produces nothing"),
    "an_attachment_that_is_not_needed": ("needs: [sheet]\n    tool", "needs: [price_rows]\n    tool", "sheet, name: sheet.pdf", "add sheet to needs"),
    "text_in_a_place_without_templates": ("entity_type: customer\n", "entity_type: ${{ customer_id }}\n", "${{ customer_id }}\n    entity_ref", "used as it stands"),
    # --- verify
    "an_http_check_of_text_and_number": ("kind: artifact, window: 5m, key: \"sheets/${{ run.id }}.pdf\", expect: present", "kind: http, window: 5m, path: /api/x, expect: status = '200'", "= '200'", "cannot be compared"),
    "rows_of_an_aggregate": ("expect: value >= steps.letters.items", "expect: rows >= 1 AND value >= 0", "rows >= 1 AND", "always returns a row"),
    "an_expectation_of_text_and_number": ("expect: value >= steps.letters.items", "expect: value = 'many'", "= 'many'", "cannot be compared"),
    "after_an_unknown_step": ("after: letters", "after: leters", "leters", "did you mean letters?"),
    "again_an_unknown_step": ("- again: letters", "- again: leters", "leters", "did you mean letters?"),
    "again_what_never_left": ("- again: letters", "- again: sheet", "sheet\n  - name: counted", "nothing that could be done again"),
    "again_in_a_loop": ("- again: letters", "- {again: letters, for_each: prices, as: one, key: item_code}", "letters, for_each", "is no loop"),
    "again_where_nothing_failed": ("      - promote: proposed", "      - again: push_customer\n      - promote: proposed", "push_customer\n      - promote", "belongs to on_fail"),
    "after_a_step_that_stages_nothing": ("after: letters", "after: sheet", "sheet\n  - {name: sheet_st", "stages no proposal"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_one_fault_is_refused_at_its_place(name: str) -> None:
    """The one problem stands at the line and column of the fault."""
    old, new, at, message = BAD[name]
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    assert text.count(at) == 1

    with pytest.raises(ContractErrors) as refused:
        load_text(text, source="bad.yaml", catalog=CATALOG)

    (problem,) = refused.value.problems
    before = text[: text.index(at)]
    assert (problem.line, problem.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert message in problem.message
