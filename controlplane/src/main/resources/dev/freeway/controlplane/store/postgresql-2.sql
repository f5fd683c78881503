-- Words come split: they need no parser of PostgreSQL's, which takes some of them apart again, and no positions.
TRUNCATE search;

-- People ask for a resource by its name.
CREATE INDEX resource_name ON resource (name);

-- What a query reads of a document is mostly a member of members. The text is parsed as far as to it and no JSONB made,
-- and PL/pgSQL keeps its plan: one of SQL's functions that cannot be inlined makes one for every call.
CREATE OR REPLACE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  value JSON;
BEGIN
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

-- Every row of these was looked up in resource again: half of what the server did in a scan. Only a scan writes them, in
-- the transaction that writes the resource; the check of a store looks for those without one, as it does on SQLite.
ALTER TABLE sighting DROP CONSTRAINT sighting_resource_fkey;
ALTER TABLE version DROP CONSTRAINT version_resource_fkey;
ALTER TABLE tag DROP CONSTRAINT tag_resource_fkey;
ALTER TABLE relation DROP CONSTRAINT relation_resource_fkey;
ALTER TABLE search DROP CONSTRAINT search_resource_fkey;
