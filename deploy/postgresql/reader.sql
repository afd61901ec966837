-- The same for a ledger that is there already: its owner lets another role read it, and nothing else.
--   psql --dbname phasegate --set ON_ERROR_STOP=1 --file reader.sql
\if :{?reader} \else \set reader phasegate_reader \endif
SELECT current_database() AS database \gset

CREATE ROLE :"reader" LOGIN;
ALTER ROLE :"reader" SET default_transaction_read_only = on;
GRANT CONNECT ON DATABASE :"database" TO :"reader";
GRANT USAGE ON SCHEMA phasegate TO :"reader";
GRANT SELECT ON phasegate.entry, phasegate.node, phasegate.content, phasegate.checkpoint TO :"reader";
