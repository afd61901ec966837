#!/bin/sh
# Run by the database's image when it makes an empty database: the roles, and their passwords from files.
set -eu
psql --dbname "$POSTGRES_DB" --username "$POSTGRES_USER" --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
\i /roles.sql
\set password `cat /run/secrets/writer_password`
ALTER ROLE phasegate_writer PASSWORD :'password';
\set password `cat /run/secrets/reader_password`
ALTER ROLE phasegate_reader PASSWORD :'password';
SQL
