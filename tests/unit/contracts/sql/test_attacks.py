"""Test 19 of QUALITY.md, first wall: what is not one plain SELECT over declared tables does not compile."""

import pytest

from tests.unit.contracts.sql.tables import problems

ATTACKS = [
    # More than one statement.
    "SELECT id FROM customers; DELETE FROM customers",
    "SELECT id FROM customers; SELECT id FROM customers",
    "SELECT id FROM customers;; DROP TABLE customers",
    "; DROP TABLE customers; --",
    "SELECT id FROM customers --\n; DELETE FROM customers",
    "SELECT id FROM customers /* harmless */; UPDATE customers SET active = 0",
    "",
    "-- nothing but a comment",
    # Statements that are no SELECT.
    "DELETE FROM customers",
    "UPDATE customers SET credit_limit = 0",
    "INSERT INTO customers (id) VALUES ('x')",
    "REPLACE INTO customers (id) VALUES ('x')",
    "INSERT INTO customers SELECT * FROM customers",
    "MERGE INTO customers USING payments ON 1=1 WHEN MATCHED THEN DELETE",
    "TRUNCATE customers",
    "DROP TABLE customers",
    "CREATE TABLE x AS SELECT * FROM customers",
    "CREATE TRIGGER t AFTER INSERT ON customers BEGIN DELETE FROM customers; END",
    "ALTER TABLE customers ADD COLUMN x",
    "ATTACH DATABASE '/tmp/x' AS y",
    "DETACH DATABASE main",
    "PRAGMA writable_schema = 1",
    "PRAGMA table_info(customers)",
    "VACUUM INTO '/tmp/copy'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT x",
    "EXPLAIN SELECT id FROM customers",
    "EXPLAIN ANALYZE DELETE FROM customers",
    "COPY customers TO '/tmp/x'",
    "COPY customers FROM PROGRAM 'id'",
    "DO $$ BEGIN DELETE FROM customers; END $$",
    "CALL something()",
    "SET ROLE postgres",
    "SET transaction_read_only = off",
    "RESET ROLE",
    "GRANT ALL ON customers TO PUBLIC",
    "LISTEN x",
    "NOTIFY x, 'y'",
    "LOCK TABLE customers",
    "PREPARE p AS DELETE FROM customers",
    "EXECUTE p",
    "VALUES (1)",
    "VALUES (1) UNION SELECT id FROM customers",
    "TABLE customers",
    # Writing, locking and hiding inside a SELECT.
    "WITH x AS (DELETE FROM customers RETURNING id) SELECT id FROM x",
    "WITH x AS (INSERT INTO customers (id) VALUES ('x') RETURNING id) SELECT c.id FROM customers c",
    "WITH x AS (UPDATE customers SET active = 0 RETURNING id) SELECT * FROM x, customers",
    "SELECT id INTO stolen FROM customers",
    "SELECT id FROM customers FOR UPDATE",
    "SELECT id FROM customers FOR SHARE",
    "SELECT id FROM (DELETE FROM customers RETURNING id) AS x",
    # Recursion and row generators.
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n, customers",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i FROM n) SELECT n.i FROM n, customers",
    "WITH n AS (SELECT 1 AS i FROM customers UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    "SELECT g.value FROM customers, generate_series(1, 1000000000) AS g",
    "SELECT id FROM customers, json_each('[1]')",
    "SELECT id FROM customers, pragma_table_info('customers')",
    "SELECT id FROM customers, LATERAL (SELECT 1) AS x",
    "SELECT id FROM customers, unnest(ARRAY[1]) AS x",
    # Other tables.
    "SELECT id FROM secrets",
    "SELECT * FROM customers, secrets",
    "SELECT c.id FROM customers c JOIN secrets s ON s.id = c.id",
    "SELECT id FROM customers WHERE id IN (SELECT id FROM secrets)",
    "SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM secrets)",
    "SELECT (SELECT MAX(value) FROM secrets) AS x FROM customers",
    "SELECT id FROM customers UNION SELECT value FROM secrets",
    "SELECT id FROM customers ORDER BY (SELECT MAX(value) FROM secrets)",
    "SELECT id FROM customers LIMIT (SELECT COUNT(*) FROM secrets)",
    "WITH x AS (SELECT value FROM secrets) SELECT c.id FROM customers c",
    "WITH secrets AS (SELECT id FROM customers) SELECT id FROM secrets",
    "WITH customers AS (SELECT id FROM payments) SELECT id FROM customers",
    "SELECT id FROM customers AS secrets",
    "SELECT sql FROM sqlite_master",
    "SELECT sql FROM sqlite_schema",
    'SELECT sql FROM "sqlite_master"',
    "SELECT sql FROM [sqlite_master]",
    "SELECT sql FROM `sqlite_master`",
    "SELECT * FROM main.customers",
    "SELECT * FROM temp.customers",
    "SELECT * FROM public.customers",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT passwd FROM pg_shadow",
    "SELECT * FROM information_schema.tables",
    'SELECT * FROM "information_schema"."tables"',
    "SELECT id FROM customers/**/,/**/secrets",
    'SELECT id FROM "Customers"',
    'SELECT id FROM "customers; DROP TABLE customers"',
    'SELECT id AS "x"", (SELECT value FROM secrets) AS ""y" FROM customers',
    'SELECT id FROM customers AS "c"" JOIN secrets"',
    'SELECT "password" FROM customers',
    "SELECT customers FROM customers",
    "SELECT rowid FROM customers",
    "SELECT oid, ctid, xmin FROM customers",
    "SELECT (customers).* FROM customers",
    # Functions off the list.
    "SELECT load_extension('/tmp/x') FROM customers",
    "SELECT readfile('/etc/passwd') FROM customers",
    "SELECT writefile('/tmp/x', id) FROM customers",
    "SELECT edit(id) FROM customers",
    "SELECT fts3_tokenizer('x') FROM customers",
    "SELECT set_config('transaction_read_only', 'off', true) FROM customers",
    "SELECT current_setting('data_directory') FROM customers",
    "SELECT pg_read_file('/etc/passwd') FROM customers",
    "SELECT pg_ls_dir('/') FROM customers",
    "SELECT pg_sleep(10) FROM customers",
    "SELECT pg_terminate_backend(1) FROM customers",
    "SELECT pg_advisory_lock(1) FROM customers",
    "SELECT lo_import('/etc/passwd') FROM customers",
    "SELECT lo_export(1, '/tmp/x') FROM customers",
    "SELECT dblink('host=x', 'SELECT 1') FROM customers",
    "SELECT query_to_xml('SELECT * FROM secrets', true, true, '') FROM customers",
    "SELECT nextval('s') FROM customers",
    "SELECT setval('s', 1) FROM customers",
    "SELECT txid_current() FROM customers",
    "SELECT version() FROM customers",
    "SELECT current_user FROM customers",
    "SELECT session_user FROM customers",
    "SELECT last_insert_rowid() FROM customers",
    "SELECT random() FROM customers",
    "SELECT randomblob(1000000000) FROM customers",
    "SELECT zeroblob(1000000000) FROM customers",
    "SELECT hex(id) FROM customers",
    "SELECT printf('%1000000000d', 1) FROM customers",
    "SELECT replace(id, 'a', 'b') FROM customers",
    "SELECT group_concat(id) FROM customers",
    "SELECT repeat('x', 1000000000) FROM customers",
    "SELECT pg_catalog.pg_sleep(10) FROM customers",
    "SELECT json_extract(id, '$') FROM customers",
    "SELECT id FROM customers WHERE companyname REGEXP '(a+)+b'",
    "SELECT id FROM customers WHERE companyname GLOB '*'",
    "SELECT id FROM customers WHERE companyname ~ '(a+)+b'",
    "SELECT id FROM customers WHERE companyname MATCH 'x'",
    "SELECT id FROM customers WHERE id = $$x$$",
    "SELECT id FROM customers WHERE id = $1",
    "SELECT id FROM customers WHERE id = :id",
    "SELECT id FROM customers WHERE id = @id",
    "SELECT id FROM customers WHERE id = ?1",
    "SELECT id FROM customers WHERE id = X'41'",
    "SELECT id FROM customers WHERE id = E'\\x41'",
    "SELECT id::regclass FROM customers",
    "SELECT CAST(id AS regclass) FROM customers",
    "SELECT id COLLATE \"C\" FROM customers",
    "SELECT id FROM customers INDEXED BY x",
    "SELECT id FROM customers NATURAL JOIN customers",
    "SELECT id FROM customers TABLESAMPLE SYSTEM (10)",
    "SELECT COUNT(*) FILTER (WHERE active) FROM customers",
    "SELECT NTILE(4) OVER (ORDER BY id) FROM customers",
    "SELECT id FROM customers WHERE (id, email) IN (SELECT id, email FROM customers)",
    "SELECT id\x00 FROM customers",
    "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM customers",
    "SELECT id FROM customers WHERE " + "NOT " * 4000 + "active",
    "SELECT '" + "x" * 30_000 + "' FROM customers",
]  # fmt: skip


@pytest.mark.parametrize("sql", ATTACKS)
def test_an_attack_does_not_compile(sql: str) -> None:
    assert problems(sql)


def test_there_are_enough_attacks() -> None:
    assert len(set(ATTACKS)) >= 50


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM customers",
        "SELECT id FROM customers;",
        "SELECT id FROM customers -- the id",
        "SELECT id FROM customers /* ; DELETE FROM customers */ WHERE companyname = '; DROP TABLE customers'",
        'SELECT "id" FROM "customers"',
        "SELECT ID FROM Customers",
    ],
)
def test_harmless_spelling_compiles(sql: str) -> None:
    assert problems(sql) == []


def test_nothing_of_the_text_but_names_and_literals_reaches_the_database() -> None:
    from tests.unit.contracts.sql.tables import compiled

    query = compiled("SELECT ID /* hidden */ FROM customers -- hidden\nWHERE companyname = 'it''s 100%'")

    sql, _ = query.rendered["postgresql"]
    assert "hidden" not in sql
    assert "'it''s 100%%'" in sql
