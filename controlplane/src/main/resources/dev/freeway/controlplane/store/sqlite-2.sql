-- Words are whole words or their beginnings, never phrases: where they are is not kept. They come split by one space and
-- in lower case, and ascii takes every other character beyond ASCII for a letter.
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');

-- People ask for a resource by its name.
CREATE INDEX resource_name ON resource (name);

-- Its sighting is looked up where it is asked for: a LEFT JOIN is left out where no column of it is used, but not in a
-- query that counts.
DROP VIEW resources;
CREATE VIEW resources AS
SELECT
  r.id AS rowid,
  (SELECT s.scan FROM sighting s WHERE s.resource = r.id) AS scan_id,
  c.service AS service,
  c.type AS type,
  r.key AS id,
  r.arn AS arn,
  r.name AS name,
  c.region AS region,
  c.account AS account_id,
  r.is_default AS is_default,
  r.gone IS NULL AS is_current,
  v.document AS details,
  v.tags AS tags,
  r.parent AS parent,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.created / 1000, 'unixepoch') AS created,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.first_seen / 1000, 'unixepoch') AS first_seen,
  strftime('%Y-%m-%dT%H:%M:%SZ', (SELECT s.at FROM sighting s WHERE s.resource = r.id) / 1000, 'unixepoch') AS last_seen,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.gone / 1000, 'unixepoch') AS gone
FROM resource r
JOIN scope c ON c.id = r.scope
LEFT JOIN version v ON v.id = r.version;
