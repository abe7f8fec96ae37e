-- Most files expire at one and the same time, which is never: in the order of the list, those of one time are in order too.
DROP INDEX files_expires;
CREATE INDEX files_expires ON files (account_id, expires_at, id);
