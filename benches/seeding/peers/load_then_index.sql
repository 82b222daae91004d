-- The floor of every tool that indexes after the load: the same rows from a file, one transaction, the same
-- indexes and constraints at the end. The primary key stays, because other tables refer to it.
BEGIN;
ALTER TABLE users
    DROP CONSTRAINT users_created_by_fkey,
    DROP CONSTRAINT users_updated_by_fkey,
    DROP CONSTRAINT users_email_key;
DROP INDEX users_created_by_idx, users_updated_by_idx;
\copy users FROM 'users.binary' (FORMAT binary)
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
CREATE INDEX users_created_by_idx ON users (created_by);
CREATE INDEX users_updated_by_idx ON users (updated_by);
ALTER TABLE users
    ADD CONSTRAINT users_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL,
    ADD CONSTRAINT users_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users (id) ON DELETE SET NULL;
COMMIT;
