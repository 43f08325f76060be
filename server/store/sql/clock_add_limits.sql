-- $1 JSON, see schema/functions/120_clock_config.sql. Returns how many were added.
with done as materialized (
    select clock_add_limits($1::jsonb) as n
)
select n as added, set_config('wangge.audit_note', format(', added: %s', n), true) as note
from done
