-- How many resources are current, and of how many scopes a type is: by the columns alone the planner takes one in two
-- hundred and next to none, and loops where it should hash. It learns both with each ANALYZE.
CREATE STATISTICS resource_current ON (CASE WHEN gone IS NULL THEN 1 ELSE 0 END) FROM resource;
CREATE STATISTICS scope_type (dependencies, mcv) ON service, type FROM scope;
ANALYZE resource, scope;

-- A list in a document is short. Unless it is told, the planner takes a function to give a thousand rows, and three of
-- them, one of the other, a thousand million.
ALTER FUNCTION json_each(TEXT, TEXT) ROWS 4 PARALLEL SAFE;

-- A planner may read members of what an element is before it asks whose element it is: of texts that are no JSON, they have
-- none, where PostgreSQL's own functions refuse the whole query.
CREATE FUNCTION json_like(document TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT document ~ '^\s*([\[{]|"[^"\\]*"\s*$|-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$|(true|false|null)\s*$)'
$$;

CREATE OR REPLACE FUNCTION json_at(document TEXT, path TEXT) RETURNS JSONB LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_like(document) THEN jsonb_path_query_first(
    document::jsonb,
    ('strict ' || CASE WHEN position('"' IN path) > 0 THEN path
      ELSE regexp_replace(path, '\.([^."\[]+)', '."\1"', 'g') END)::jsonpath,
    '{}', true) END
$$;

CREATE OR REPLACE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  value JSON;
BEGIN
  IF NOT json_like(document) THEN
    RETURN NULL;
  END IF;
  IF path ~ '^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$' THEN
    value := document::json #> string_to_array(substr(path, 3), '.');
    RETURN CASE json_typeof(value)
      WHEN 'string' THEN value #>> '{}'
      WHEN 'null' THEN NULL
      WHEN 'boolean' THEN CASE value::text WHEN 'true' THEN '1' ELSE '0' END
      ELSE value::jsonb::text END;
  END IF;
  RETURN json_plain(json_at(document, path));
END
$$;
