-- Adds, changes and removes dispatch rules, all or nothing: $1 rules as JSON, $2 by whom, $3 when. Returns how many changed.
select dispatch_rules_set($1::jsonb, $2::uuid, $3::timestamptz) as changed
