-- Cases of the categories $1 in the grids $2 reported between $3 and $4 (local days $5 to $6), but not the case $7; within the
-- region interval $8 $9, seen by organ $10 or null, reported by $11 or null, from source $12 or null; newest first, at most $13.
-- Index: case_file_grid_idx.
select
    c.id, c.number, c.version, c.state, c.prev_state, c.grid_code, c.category_id, c.urgency, c.channel, c.level, c.organ_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.reporter_id, c.handler_id, c.checker_id, c.closer_id, c.void_requested_by,
    c.merged_into, c.flags, c.round, c.return_count, c.rework_count, c.cohort_day, c.reported_at, c.arrived_at, c.last_event_at,
    c.due_at, c.feedback_at, c.closed_at, c.gate_data, c.latitude, c.longitude, c.reporter_name, c.handler_name, c.address,
    c.description, c.next_light_at, c.source_id, c.assignee_id, c.assignee_name
from case_file c
where c.grid_code = any ($2::bigint[]) and c.cohort_day between $5::date and $6::date
    and c.category_id = any ($1::smallint[])
    and c.reported_at between $3::timestamptz and $4::timestamptz
    and c.id is distinct from $7::uuid
    and c.grid_code between $8::bigint and $9::bigint
    and ($10::integer is null or c.organ_id = $10::integer or $10::integer = any (c.co_organ_ids))
    and ($11::uuid is null or c.reporter_id = $11::uuid)
    and ($12::integer is null or c.source_id = $12::integer)
    and c.state <> all (array[13, 14]::smallint[])
order by c.reported_at desc
limit $13::integer
