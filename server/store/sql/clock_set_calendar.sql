-- $1 JSON, see schema/functions/120_clock_config.sql. Returns how many rows were new or changed.
with done as materialized (
    select clock_set_calendar($1::jsonb) as n
)
select n as changed, set_config('wangge.audit_note', format(', rows changed: %s', n), true) as note
from done
