-- Times are milliseconds since 1970. Lists and maps are JSON.
CREATE TABLE scan (
  id        BIGINT PRIMARY KEY,
  account   TEXT   NOT NULL,
  alias     TEXT   NOT NULL,
  started   BIGINT NOT NULL,
  begun     BIGINT NOT NULL,
  touched   BIGINT NOT NULL,
  ended     BIGINT,
  status    TEXT   NOT NULL,
  regions   TEXT   NOT NULL,
  services  TEXT   NOT NULL,
  filter    TEXT   NOT NULL,
  resources BIGINT NOT NULL
);
CREATE INDEX scan_touched ON scan (touched);

CREATE TABLE scope (
  id      BIGINT PRIMARY KEY,
  account TEXT NOT NULL,
  service TEXT NOT NULL,
  region  TEXT NOT NULL,
  type    TEXT NOT NULL,
  UNIQUE (service, type, account, region)
);

CREATE TABLE resource (
  id         BIGINT  PRIMARY KEY,
  scope      BIGINT  NOT NULL REFERENCES scope,
  key        TEXT    NOT NULL,
  arn        TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  is_default INTEGER NOT NULL,
  created    BIGINT,
  parent     TEXT    NOT NULL,
  first_seen BIGINT  NOT NULL,
  gone       BIGINT,
  version    BIGINT  NOT NULL,
  digest     BYTEA   NOT NULL
);
CREATE UNIQUE INDEX resource_key ON resource (key, scope);
CREATE INDEX resource_arn ON resource (arn) WHERE arn <> '';
CREATE INDEX resource_scope ON resource (scope, gone);

CREATE TABLE sighting (
  resource BIGINT PRIMARY KEY REFERENCES resource,
  scan     BIGINT NOT NULL,
  at       BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE absence (
  resource BIGINT NOT NULL REFERENCES resource,
  gone     BIGINT NOT NULL,
  back     BIGINT NOT NULL,
  PRIMARY KEY (resource, gone)
);

CREATE TABLE version (
  id       BIGINT PRIMARY KEY,
  resource BIGINT NOT NULL REFERENCES resource,
  since    BIGINT NOT NULL,
  scan     BIGINT NOT NULL,
  tags     TEXT   NOT NULL,
  document TEXT   NOT NULL
);
CREATE INDEX version_resource ON version (resource, since);

CREATE TABLE tag (
  resource BIGINT NOT NULL REFERENCES resource,
  key      TEXT   NOT NULL,
  value    TEXT   NOT NULL,
  PRIMARY KEY (resource, key)
);
CREATE INDEX tag_key ON tag (key, value);

CREATE TABLE relation (
  resource BIGINT NOT NULL REFERENCES resource,
  path     TEXT   NOT NULL,
  target   TEXT   NOT NULL,
  PRIMARY KEY (resource, path, target)
);
CREATE INDEX relation_target ON relation (target);

CREATE TABLE ledger (
  scan      BIGINT NOT NULL REFERENCES scan,
  account   TEXT   NOT NULL,
  region    TEXT   NOT NULL,
  service   TEXT   NOT NULL,
  operation TEXT   NOT NULL,
  outcome   TEXT   NOT NULL,
  code      TEXT   NOT NULL,
  message   TEXT   NOT NULL,
  calls     BIGINT NOT NULL,
  pages     BIGINT NOT NULL,
  items     BIGINT NOT NULL,
  retries   BIGINT NOT NULL,
  millis    BIGINT NOT NULL,
  PRIMARY KEY (scan, account, region, service, operation, outcome, code)
);

CREATE TABLE whole (
  scan  BIGINT NOT NULL REFERENCES scan,
  scope BIGINT NOT NULL REFERENCES scope,
  PRIMARY KEY (scan, scope)
);

CREATE TABLE search (
  resource BIGINT PRIMARY KEY REFERENCES resource,
  words    TSVECTOR NOT NULL
);
CREATE INDEX search_words ON search USING gin (words);

-- SQLite's functions, as far as queries use them, so that one text runs on both.

-- A JSON value as SQLite shows it: texts bare, true and false as 1 and 0, the rest as JSON.
CREATE FUNCTION json_plain(value JSONB) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE jsonb_typeof(value)
    WHEN 'string' THEN value #>> '{}'
    WHEN 'null' THEN NULL
    WHEN 'boolean' THEN CASE WHEN value = 'true'::jsonb THEN '1' ELSE '0' END
    ELSE value::text END
$$;

-- SQLite's paths name members without quotes where jsonpath wants some: $.aws-x, $."a.b".
CREATE FUNCTION json_at(document TEXT, path TEXT) RETURNS JSONB LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_path_query_first(
    document::jsonb,
    ('strict ' || CASE WHEN position('"' IN path) > 0 THEN path
      ELSE regexp_replace(path, '\.([^."\[]+)', '."\1"', 'g') END)::jsonpath,
    '{}', true)
$$;

CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT json_plain(json_at(document, path))
$$;

CREATE FUNCTION json_type(document TEXT, path TEXT DEFAULT '$') RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE jsonb_typeof(json_at(document, path))
    WHEN 'string' THEN 'text'
    WHEN 'boolean' THEN CASE WHEN json_at(document, path) = 'true'::jsonb THEN 'true' ELSE 'false' END
    WHEN 'number' THEN CASE WHEN json_at(document, path)::text ~ '[.eE]' THEN 'real' ELSE 'integer' END
    ELSE jsonb_typeof(json_at(document, path)) END
$$;

CREATE FUNCTION json_array_length(document TEXT, path TEXT DEFAULT '$') RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE jsonb_typeof(json_at(document, path))
    WHEN 'array' THEN jsonb_array_length(json_at(document, path))
    ELSE CASE WHEN json_at(document, path) IS NOT NULL THEN 0 END END
$$;

CREATE FUNCTION json_valid(document TEXT) RETURNS INTEGER LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF document IS NULL THEN RETURN NULL; END IF;
  PERFORM document::jsonb;
  RETURN 1;
EXCEPTION WHEN OTHERS THEN
  RETURN 0;
END
$$;

CREATE FUNCTION json_each(document TEXT, path TEXT DEFAULT '$')
RETURNS TABLE (key TEXT, value TEXT, type TEXT) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  node JSONB := json_at(document, path);
BEGIN
  IF jsonb_typeof(node) = 'array' THEN
    RETURN QUERY SELECT (n - 1)::text, json_plain(e), json_type(e::text)
      FROM jsonb_array_elements(node) WITH ORDINALITY AS x (e, n);
  ELSIF jsonb_typeof(node) = 'object' THEN
    RETURN QUERY SELECT k, json_plain(e), json_type(e::text) FROM jsonb_each(node) AS x (k, e);
  ELSIF node IS NOT NULL THEN
    RETURN QUERY SELECT NULL::text, json_plain(node), json_type(node::text);
  END IF;
END
$$;

-- A policy as IAM gives it, percent-encoded; what is not is left as it is.
CREATE FUNCTION url_decode(value TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value !~* '^%7b' THEN value ELSE (
    SELECT convert_from(string_agg(
      CASE WHEN length(m[1]) = 1 THEN convert_to(m[1], 'UTF8') ELSE decode(substr(m[1], 2), 'hex') END,
      ''::bytea ORDER BY n), 'UTF8')
    FROM regexp_matches(value, '%[0-9a-f][0-9a-f]|.', 'gin') WITH ORDINALITY AS r (m, n)) END
$$;

-- SQLite's times: 'now', or ISO 8601 with T or a space, with or without a zone; UTC without.
CREATE FUNCTION sqlite_time(moment TEXT) RETURNS TIMESTAMP LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF moment = 'now' THEN RETURN now() AT TIME ZONE 'UTC'; END IF;
  IF moment !~ '^\d{4}-\d\d-\d\d' THEN RETURN NULL; END IF;
  IF moment ~ '(Z|[+-]\d\d:?\d\d)$' AND moment ~ ':' THEN RETURN moment::timestamptz AT TIME ZONE 'UTC'; END IF;
  RETURN moment::timestamp;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$$;

CREATE FUNCTION julianday(moment TEXT) RETURNS DOUBLE PRECISION LANGUAGE sql STABLE AS $$
  SELECT (extract(epoch FROM sqlite_time(moment)) / 86400.0 + 2440587.5)::double precision
$$;

CREATE FUNCTION datetime(moment TEXT, change TEXT DEFAULT '0 days') RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT to_char(sqlite_time(moment) + change::interval, 'YYYY-MM-DD HH24:MI:SS')
$$;

-- What json_extract gives is text here and a number there; these compare it to one all the same.
CREATE FUNCTION text_to_number(value TEXT) RETURNS NUMERIC LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value ~ '^-?\d+(\.\d+)?([eE][+-]?\d+)?$' THEN value::numeric END
$$;
CREATE FUNCTION text_eq(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE coalesce(text_to_number(a) = b, false) END $$;
CREATE FUNCTION text_ne(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT NOT text_eq(a, b) $$;
CREATE FUNCTION text_lt(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT text_to_number(a) < b $$;
CREATE FUNCTION text_le(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT text_to_number(a) <= b $$;
CREATE FUNCTION text_gt(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT text_to_number(a) > b $$;
CREATE FUNCTION text_ge(a TEXT, b INTEGER) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT text_to_number(a) >= b $$;
CREATE OPERATOR = (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_eq);
CREATE OPERATOR <> (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_ne);
CREATE OPERATOR < (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_lt);
CREATE OPERATOR <= (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_le);
CREATE OPERATOR > (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_gt);
CREATE OPERATOR >= (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = text_ge);

CREATE FUNCTION millis_text(millis BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(to_timestamp(millis / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

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
  CASE WHEN r.gone IS NULL THEN 1 ELSE 0 END AS is_current,
  v.document AS details,
  v.tags AS tags,
  r.parent AS parent,
  millis_text(r.created) AS created,
  millis_text(r.first_seen) AS first_seen,
  millis_text(s.at) AS last_seen,
  millis_text(r.gone) AS gone
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
  to_char(to_timestamp(started / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS timestamp,
  (ended - started) / 1000.0 AS duration_seconds,
  resources AS resource_count,
  jsonb_array_length(services::jsonb) AS services_scanned,
  jsonb_array_length(regions::jsonb) AS regions_scanned,
  services AS scanned_services,
  (SELECT jsonb_agg(DISTINCT l.service)::text FROM ledger l
   WHERE l.scan = scan.id AND l.outcome NOT IN ('OK', 'NOT_HERE')) AS incomplete_services,
  status,
  to_char(to_timestamp(ended / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS ended
FROM scan;
