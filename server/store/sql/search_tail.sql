-- The newest cases, at most $8, that the search index does not hold as they are now: those with events behind its position that
-- matter to it. $1 $2 region interval, $3 states or null, $4 organ that leads or helps or null, $5 reporter or null, $6 $7 keyset
-- (cohort day, id) or null. Among the newest 8,192 events: a longer tail is there only while an index is being built.
-- Index: case_event_feed_idx, case_file_pkey.
select
    c.id, c.number, c.version, c.state, c.prev_state, c.grid_code, c.category_id, c.urgency, c.channel, c.level, c.organ_id,
    array_to_string(c.co_organ_ids, ',') as co_organs, c.reporter_id, c.handler_id, c.checker_id, c.closer_id, c.void_requested_by,
    c.merged_into, c.flags, c.round, c.return_count, c.rework_count, c.cohort_day, c.reported_at, c.arrived_at, c.last_event_at,
    c.due_at, c.feedback_at, c.closed_at, c.gate_data, c.latitude, c.longitude, c.reporter_name, c.handler_name, c.address,
    c.description
from (
    select distinct t.case_id
    from (
        select e.case_id, search_matters(e) as matters
        from case_event e
        where (e.feed_xid, e.seq) > ((select p.feed_xid from search_position p), (select p.seq from search_position p))
        order by e.feed_xid desc, e.seq desc
        limit 8192
    ) t
    where t.matters
) b
join case_file c on c.id = b.case_id
where c.grid_code between $1::bigint and $2::bigint
    and ($3::smallint[] is null or c.state = any ($3::smallint[]))
    and ($4::integer is null or c.organ_id = $4::integer or $4::integer = any (c.co_organ_ids))
    and ($5::uuid is null or c.reporter_id = $5::uuid)
    and ($7::uuid is null or (c.cohort_day, c.id) < ($6::date, $7::uuid))
order by c.cohort_day desc, c.id desc
limit $8::integer
