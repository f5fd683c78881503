-- How many resources are current, and of how many scopes a type is: by the columns alone the planner takes one in two
-- hundred and next to none, and loops where it should hash. It learns both with each ANALYZE.
CREATE STATISTICS resource_current ON (CASE WHEN gone IS NULL THEN 1 ELSE 0 END) FROM resource;
CREATE STATISTICS scope_type (dependencies, mcv) ON service, type FROM scope;
ANALYZE resource, scope;

-- A list in a document is short. Unless it is told, the planner takes a function to give a thousand rows, and three of
-- them, one of the other, a thousand million.
ALTER FUNCTION json_each(TEXT, TEXT) ROWS 4 PARALLEL SAFE;
