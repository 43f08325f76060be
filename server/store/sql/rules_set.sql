-- Adds, changes and removes dispatch rules, all or nothing: $1 rules as JSON, $2 by whom, $3 when. Returns how many changed.
with done as materialized (
    select dispatch_rules_set($1::jsonb, $2::uuid, $3::timestamptz) as n
)
select n as changed, set_config('wangge.audit_note', format(', rows changed: %s', n), true) as note
from done
