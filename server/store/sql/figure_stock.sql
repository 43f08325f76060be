-- The cases behind a stock figure: those whose last event known at $5 leaves them in the measures asked for.
-- $1 $2 region interval, $3 $4 cohort days [from, to), $5 as-of (events that arrived before it), $6 mask and $7 wanted bits,
-- $8 category ids or null, $9 organ id or null, $10 $11 keyset (cohort day, id) or null, $12 limit,
-- $13 mask and $14 wanted bits of the measures from 19 on, $15 kind of due time (0 the handling clock runs, 1 fed back in time, 2
-- the overall clock runs) that lies in [$16, $17), or null, $18 channel or null.
-- Index: case_file_cohort_idx or case_file_grid_idx, then case_event_pkey.
select c.id, c.cohort_day, s.to_state, 0 as event_version
from case_file c
cross join lateral (
    select
        e.stock_after, e.to_state, e.category_id, e.organ_id, coalesce(e.more_after, 0) as more_after,
        case $15::integer when 2 then e.overall_due_after else e.handle_due_after end as due
    from case_event e
    where e.case_id = c.id and e.arrived_at < $5::timestamptz
    order by e.version desc
    limit 1
) s
where c.grid_code between $1::bigint and $2::bigint
    and c.cohort_day >= $3::date and c.cohort_day < $4::date
    and (s.stock_after & $6::integer) = $7::integer
    and (s.more_after & $13::bigint) = $14::bigint
    and ($15::integer is null or (
        s.due >= $16::timestamptz and s.due < $17::timestamptz
        and ($15::integer = 2 or ((s.more_after >> 5) & 1) = $15::integer)
    ))
    and ($8::smallint[] is null or s.category_id = any ($8::smallint[]))
    and ($9::integer is null or s.organ_id = $9::integer)
    and ($18::smallint is null or c.channel = $18::smallint)
    and ($10::date is null or (c.cohort_day, c.id) > ($10::date, $11::uuid))
order by c.cohort_day, c.id
limit $12::integer
