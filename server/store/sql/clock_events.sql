-- All events of several cases as their clocks see them, by case and version. $1 ids. Index: case_event_pkey.
select
    e.case_id, e.happened_at, e.action, e.from_state, e.to_state, e.check_result, e.organ_id, e.actor_role, e.actor_id, e.actor_name
from case_event e
where e.case_id = any ($1::uuid[])
order by e.case_id, e.version
