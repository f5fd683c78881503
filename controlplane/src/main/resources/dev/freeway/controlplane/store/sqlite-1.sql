-- Times are milliseconds since 1970. Lists and maps are JSON.
CREATE TABLE scan (
  id        INTEGER PRIMARY KEY,
  account   TEXT    NOT NULL,
  alias     TEXT    NOT NULL,
  started   INTEGER NOT NULL, -- as the caller says
  begun     INTEGER NOT NULL, -- by the store's clock: later than all that was written before
  touched   INTEGER NOT NULL, -- the last write
  ended     INTEGER,
  status    TEXT    NOT NULL,
  regions   TEXT    NOT NULL,
  services  TEXT    NOT NULL,
  filter    TEXT    NOT NULL,
  resources INTEGER NOT NULL
);
CREATE INDEX scan_touched ON scan (touched);

CREATE TABLE scope (
  id      INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  service TEXT NOT NULL,
  region  TEXT NOT NULL,
  type    TEXT NOT NULL,
  UNIQUE (service, type, account, region)
);

-- Narrow: documents are in version, what every scan writes is in sighting.
CREATE TABLE resource (
  id         INTEGER PRIMARY KEY,
  scope      INTEGER NOT NULL REFERENCES scope,
  key        TEXT    NOT NULL, -- AWS's id
  arn        TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  is_default INTEGER NOT NULL,
  created    INTEGER,
  parent     TEXT    NOT NULL,
  first_seen INTEGER NOT NULL,
  gone       INTEGER,          -- since when a whole scan of its scope does not find it
  version    INTEGER NOT NULL, -- the latest
  digest     BLOB    NOT NULL
);
CREATE UNIQUE INDEX resource_key ON resource (key, scope);
CREATE INDEX resource_arn ON resource (arn) WHERE arn <> '';
CREATE INDEX resource_scope ON resource (scope, gone);

CREATE TABLE sighting (
  resource INTEGER PRIMARY KEY REFERENCES resource,
  scan     INTEGER NOT NULL, -- the last that saw it
  at       INTEGER NOT NULL
);

-- When a resource that came back had not been there.
CREATE TABLE absence (
  resource INTEGER NOT NULL REFERENCES resource,
  gone     INTEGER NOT NULL,
  back     INTEGER NOT NULL,
  PRIMARY KEY (resource, gone)
) WITHOUT ROWID;

CREATE TABLE version (
  id       INTEGER PRIMARY KEY,
  resource INTEGER NOT NULL REFERENCES resource,
  since    INTEGER NOT NULL,
  scan     INTEGER NOT NULL,
  tags     TEXT    NOT NULL,
  document TEXT    NOT NULL
);
CREATE INDEX version_resource ON version (resource, since);

CREATE TABLE tag (
  resource INTEGER NOT NULL REFERENCES resource,
  key      TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  PRIMARY KEY (resource, key)
) WITHOUT ROWID;
CREATE INDEX tag_key ON tag (key, value);

CREATE TABLE relation (
  resource INTEGER NOT NULL REFERENCES resource,
  path     TEXT    NOT NULL,
  target   TEXT    NOT NULL,
  PRIMARY KEY (resource, path, target)
) WITHOUT ROWID;
CREATE INDEX relation_target ON relation (target);

CREATE TABLE ledger (
  scan      INTEGER NOT NULL REFERENCES scan,
  account   TEXT    NOT NULL,
  region    TEXT    NOT NULL,
  service   TEXT    NOT NULL,
  operation TEXT    NOT NULL,
  outcome   TEXT    NOT NULL,
  code      TEXT    NOT NULL,
  message   TEXT    NOT NULL,
  calls     INTEGER NOT NULL,
  pages     INTEGER NOT NULL,
  items     INTEGER NOT NULL,
  retries   INTEGER NOT NULL,
  millis    INTEGER NOT NULL,
  PRIMARY KEY (scan, account, region, service, operation, outcome, code)
) WITHOUT ROWID;

-- Scopes that a scan saw in full.
CREATE TABLE whole (
  scan  INTEGER NOT NULL REFERENCES scan,
  scope INTEGER NOT NULL REFERENCES scope,
  PRIMARY KEY (scan, scope)
) WITHOUT ROWID;

-- Words of the latest version, by the resource's id.
CREATE VIRTUAL TABLE search USING fts5(
  words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0'
);

-- AWSMap's tables; what it does not have comes last. LEFT JOIN: left out where no column is used.
CREATE VIEW resources AS
SELECT
  r.id AS rowid,
  s.scan AS scan_id,
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
  strftime('%Y-%m-%dT%H:%M:%SZ', s.at / 1000, 'unixepoch') AS last_seen,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.gone / 1000, 'unixepoch') AS gone
FROM resource r
JOIN scope c ON c.id = r.scope
LEFT JOIN sighting s ON s.resource = r.id
LEFT JOIN version v ON v.id = r.version;

CREATE VIEW scans AS
SELECT
  id AS scan_id,
  account AS account_id,
  alias AS account_alias,
  alias AS profile,
  strftime('%Y-%m-%d %H:%M:%S UTC', started / 1000, 'unixepoch') AS timestamp,
  (ended - started) / 1000.0 AS duration_seconds,
  resources AS resource_count,
  json_array_length(services) AS services_scanned,
  json_array_length(regions) AS regions_scanned,
  services AS scanned_services,
  (SELECT json_group_array(service) FROM (
     SELECT DISTINCT l.service AS service FROM ledger l
     WHERE l.scan = scan.id AND l.outcome NOT IN ('OK', 'NOT_HERE') ORDER BY 1)
   HAVING count(*) > 0) AS incomplete_services,
  status,
  strftime('%Y-%m-%d %H:%M:%S UTC', ended / 1000, 'unixepoch') AS ended
FROM scan;
