-- Steps that arrived since a report was frozen, on cases it counts. $1 $2 region interval, $3 $4 cohort days [from, to), $5 $6 arrival
-- [from, to), $7 category ids or null, $8 organ id or null, $9 limit. Each row carries the totals: steps, cases, reopenings.
-- Index: case_event_arrived_idx.
select
    e.case_id, c.number, e.action, e.happened_at, e.arrived_at, e.from_state, e.to_state,
    count(*) over () as steps,
    (sum(case when e.first_of_case then 1 else 0 end) over ())::bigint as cases,
    (sum(case when e.action = 25 then 1 else 0 end) over ())::bigint as reopened
from (
    select x.*, row_number() over (partition by x.case_id order by x.version) = 1 as first_of_case
    from case_event x
    where x.arrived_at >= $5::timestamptz and x.arrived_at < $6::timestamptz
        and x.grid_code between $1::bigint and $2::bigint
        and x.cohort_day >= $3::date and x.cohort_day < $4::date
        and ($7::smallint[] is null or x.category_id = any ($7::smallint[]) or x.prev_category_id = any ($7::smallint[]))
        and ($8::integer is null or x.organ_id = $8::integer or x.prev_organ_id = $8::integer)
) e
join case_file c on c.id = e.case_id
order by e.arrived_at, e.case_id, e.version
limit $9::integer
