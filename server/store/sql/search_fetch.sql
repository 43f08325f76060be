-- The cases at the places (segment $1, slot $2) that the caller may see, newest first. $3 to $10 as search_tail's $1 to $8.
-- Index: search_slot_place_key, case_file_pkey.
select
    c.id, c.number, c.version, c.state, c.prev_state, c.grid_code, c.category_id, c.urgency, c.channel, c.level, c.organ_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.reporter_id, c.handler_id, c.checker_id, c.closer_id, c.void_requested_by,
    c.merged_into, c.flags, c.round, c.return_count, c.rework_count, c.cohort_day, c.reported_at, c.arrived_at, c.last_event_at,
    c.due_at, c.feedback_at, c.closed_at, c.gate_data, c.latitude, c.longitude, c.reporter_name, c.handler_name, c.address,
    c.description
from unnest($1::integer[], $2::smallint[]) u (segment, slot)
join search_slot s on s.segment = u.segment and s.slot = u.slot
join case_file c on c.id = s.case_id
where c.grid_code between $3::bigint and $4::bigint
    and ($5::smallint[] is null or c.state = any ($5::smallint[]))
    and ($6::integer is null or c.organ_id = $6::integer or $6::integer = any (c.co_organ_ids))
    and ($7::uuid is null or c.reporter_id = $7::uuid)
    and ($9::uuid is null or (c.cohort_day, c.id) < ($8::date, $9::uuid))
order by c.cohort_day desc, c.id desc
limit $10::integer
