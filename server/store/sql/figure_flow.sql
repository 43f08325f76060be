-- The acts behind a flow figure, one row an act (a case closed twice in the window stands twice).
-- $1 $2 region interval, $3 $4 arrival [from, to), $5 bit of the measure, $6 category ids or null, $7 organ id or null,
-- $8 $9 $10 keyset (arrival, case, version) or null, $11 limit, $12 $13 cohort days [from, to), $14 bit of a measure from 19 on,
-- $15 bit of a measure: acts that one of these followed, before the next one like them and before $4, are left out; 0: none.
-- $16 channel or null.
-- Index: case_event_arrived_idx.
select e.case_id, e.arrived_at, e.to_state, e.version as event_version
from case_event e
where e.arrived_at >= $3::timestamptz and e.arrived_at < $4::timestamptz
    and e.grid_code between $1::bigint and $2::bigint
    and e.cohort_day >= $12::date and e.cohort_day < $13::date
    and ((e.flow & $5::integer) <> 0 or (coalesce(e.more_flow, 0) & $14::bigint) <> 0)
    and ($6::smallint[] is null or e.category_id = any ($6::smallint[]))
    and ($7::integer is null or e.organ_id = $7::integer)
    and ($16::smallint is null or (select c.channel from case_file c where c.id = e.case_id) = $16::smallint)
    and ($15::integer = 0 or coalesce((
        select (n.flow & $15::integer) = 0
        from case_event n
        where n.case_id = e.case_id and n.version > e.version and n.arrived_at < $4::timestamptz
            and (n.flow & ($15::integer | $5::integer)) <> 0
        order by n.version
        limit 1
    ), true))
    and ($8::timestamptz is null or (e.arrived_at, e.case_id, e.version) > ($8::timestamptz, $9::uuid, $10::integer))
order by e.arrived_at, e.case_id, e.version
limit $11::integer
