-- A page of cases by filter; the function writes the condition so that each filter finds its index.
-- $1 states or null, $2 $3 region interval, $4 category ids or null, $5 organ id or null, $6 $7 reported [from, to) or null,
-- $8 due before or null, $9 text or null, $10 reporter or null, $11 organ that leads or helps
-- or null, $12 cards as bits or null, $13 pending requests as bits of approvals or null, $14 source or null, $15 account
-- whose work list it is (nothing assigned to its colleagues) or null, $16 order (1 newest first, 2 by due), $17 $18 $19 keyset (cohort day,
-- due, id) or null, $20 limit.
select
    c.id, c.number, c.version, c.state, c.prev_state, c.grid_code, c.category_id, c.urgency, c.channel, c.level, c.organ_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.reporter_id, c.handler_id, c.checker_id, c.closer_id, c.void_requested_by,
    c.merged_into, c.flags, c.round, c.return_count, c.rework_count, c.cohort_day, c.reported_at, c.arrived_at, c.last_event_at,
    c.due_at, c.feedback_at, c.closed_at, c.gate_data, c.latitude, c.longitude, c.reporter_name, c.handler_name, c.address,
    c.description, c.next_light_at, c.source_id, c.assignee_id, c.assignee_name
from case_list($1::smallint[], $2::bigint, $3::bigint, $4::smallint[], $5::integer, $6::timestamptz, $7::timestamptz, $8::timestamptz,
    $9::text, $10::uuid, $11::integer, $12::integer, $13::integer, $14::integer, $15::uuid, $16::integer, $17::date, $18::timestamptz, $19::uuid,
    $20::integer) c
