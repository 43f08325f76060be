-- Adds or changes directory rows, all or nothing, and tells every worker. $1 is a JSON object with the arrays regions, categories,
-- organs and days (see directory_import in schema/functions). Returns how many rows were new or changed.
with done as materialized (
    select directory_import($1::jsonb) as n
)
select n as changed, set_config('wangge.audit_note', format(', rows changed: %s', n), true) as note
from done
