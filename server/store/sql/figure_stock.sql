-- The cases behind a stock figure: those whose last event known at $5 leaves them in the measures asked for.
-- $1 $2 region interval, $3 $4 cohort days [from, to), $5 as-of (events that arrived before it), $6 mask and $7 wanted bits,
-- $8 category ids or null, $9 organ id or null, $10 $11 keyset (cohort day, id) or null, $12 limit.
-- Index: case_file_cohort_idx or case_file_grid_idx, then case_event_pkey.
select c.id, c.cohort_day, s.to_state, 0 as event_version
from case_file c
cross join lateral (
    select e.stock_after, e.to_state, e.category_id, e.organ_id
    from case_event e
    where e.case_id = c.id and e.arrived_at < $5::timestamptz
    order by e.version desc
    limit 1
) s
where c.grid_code between $1::bigint and $2::bigint
    and c.cohort_day >= $3::date and c.cohort_day < $4::date
    and (s.stock_after & $6::integer) = $7::integer
    and ($8::smallint[] is null or s.category_id = any ($8::smallint[]))
    and ($9::integer is null or s.organ_id = $9::integer)
    and ($10::date is null or (c.cohort_day, c.id) > ($10::date, $11::uuid))
order by c.cohort_day, c.id
limit $12::integer
