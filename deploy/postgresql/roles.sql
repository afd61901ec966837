-- Who writes a ledger and who may only read it. Run once in the ledger's database, before the first run, by who
-- may make roles:  psql --dbname phasegate --set ON_ERROR_STOP=1 --file roles.sql
-- and give each role its password then:  \password phasegate_reader
-- Other names than these:  --set writer=... --set reader=...
\if :{?writer} \else \set writer phasegate_writer \endif
\if :{?reader} \else \set reader phasegate_reader \endif
SELECT current_database() AS database \gset

CREATE ROLE :"writer" LOGIN;
CREATE ROLE :"reader" LOGIN;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;

-- Whoever decides makes the schema at the first run, and owns it.
GRANT CONNECT, CREATE ON DATABASE :"database" TO :"writer";

-- Whoever serves pages reads the four tables of that schema, and nothing else.
GRANT CONNECT ON DATABASE :"database" TO :"reader";
ALTER ROLE :"reader" SET default_transaction_read_only = on;
ALTER DEFAULT PRIVILEGES FOR ROLE :"writer" GRANT USAGE ON SCHEMAS TO :"reader";
ALTER DEFAULT PRIVILEGES FOR ROLE :"writer" GRANT SELECT ON TABLES TO :"reader";
