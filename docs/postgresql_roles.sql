-- The database of Countersign and its three logins. Run it as a superuser, as often as you like:
--
--   OWNER_PASSWORD=… APP_PASSWORD=… READER_PASSWORD=… psql -v ON_ERROR_STOP=1 -f docs/postgresql_roles.sql postgres
--
-- countersign_owner   owns the tables; used by `manage.py migrate` and `manage.py grant_access` only
-- countersign_app     web, clusters and commands: DATABASE_URL
-- countersign_reader  the queries of contracts: DATABASE_READONLY_URL
--
-- What each may do with which table is said by `manage.py grant_access`, after every migration.
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\getenv reader_password READER_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', wanted.name)
FROM (VALUES ('countersign_owner'), ('countersign_app'), ('countersign_reader')) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec

ALTER ROLE countersign_owner PASSWORD :'owner_password';
ALTER ROLE countersign_app PASSWORD :'app_password';
ALTER ROLE countersign_reader PASSWORD :'reader_password';
-- A login could change these for itself; they are a belt. Its grants are what holds.
ALTER ROLE countersign_reader SET default_transaction_read_only = on;
ALTER ROLE countersign_reader SET statement_timeout = '5s';

SELECT 'CREATE DATABASE countersign OWNER countersign_owner TEMPLATE template0 ENCODING ''UTF8'' '
       'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'countersign') \gexec

REVOKE ALL ON DATABASE countersign FROM PUBLIC;
GRANT CONNECT ON DATABASE countersign TO countersign_app, countersign_reader;
