-- Dispatches in a window, oldest first: $1 $2 by arrival, $3 $4 region interval, $5 $6 $7 keyset (arrival, case, version) or null,
-- $8 limit. returned: the organ gave the case back before it was dispatched again. Index: case_event_arrived_idx (BRIN),
-- case_event_pkey.
select
    e.case_id, e.version, e.happened_at, e.arrived_at, e.grid_code, e.category_id, e.organ_id, c.number,
    exists (
        select
        from case_event r
        where r.case_id = e.case_id and r.version > e.version and r.action = 12
            and not exists (
                select
                from case_event d
                where d.case_id = e.case_id and d.version > e.version and d.version < r.version and d.action = 9
            )
    ) as returned
from case_event e
join case_file c on c.id = e.case_id
where e.action = 9 and e.arrived_at >= $1::timestamptz and e.arrived_at < $2::timestamptz
    and e.grid_code between $3::bigint and $4::bigint
    and ($6::uuid is null or (e.arrived_at, e.case_id, e.version) > ($5::timestamptz, $6::uuid, $7::integer))
order by e.arrived_at, e.case_id, e.version
limit $8::integer
