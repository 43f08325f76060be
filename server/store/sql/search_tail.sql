-- Cases that the search index does not hold as they are now: $1 $2 region interval, $3 states or null, $4 organ that leads or helps or
-- null, $5 reporter or null, $6 source or null, $7 $8 keyset (cohort day, id) or null, $9 limit.
select
    c.id, c.number, c.version, c.state, c.prev_state, c.grid_code, c.category_id, c.urgency, c.channel, c.level, c.organ_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.reporter_id, c.handler_id, c.checker_id, c.closer_id, c.void_requested_by,
    c.merged_into, c.flags, c.round, c.return_count, c.rework_count, c.cohort_day, c.reported_at, c.arrived_at, c.last_event_at,
    c.due_at, c.feedback_at, c.closed_at, c.gate_data, c.latitude, c.longitude, c.reporter_name, c.handler_name, c.address,
    c.description, c.next_light_at, c.source_id, c.assignee_id, c.assignee_name
from search_tail($1::bigint, $2::bigint, $3::smallint[], $4::integer, $5::uuid, $6::integer, $7::date, $8::uuid, $9::integer) c
