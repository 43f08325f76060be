-- Of the cases that are at least so many days old at the as-of's day: how many are valid, and how many were closed by that age.
-- $1 $2 region interval, $3 $4 cohort days [from, to), $5 as-of, $6 category ids or null, $7 organ id or null, $8 greatest age in days.
-- Rows: age, closed, valid. Younger cases are left out of an age they have not reached, so the curve does not sink at its end.
-- Index: case_file_cohort_idx or case_file_grid_idx, then case_event_pkey.
with change as materialized (
    select c.cohort_day, business_day(e.arrived_at) - c.cohort_day as age,
        sum(measure_delta(k.stock_before, k.stock_after, 0, 3)) as closed,
        sum(measure_delta(k.stock_before, k.stock_after, 0, 2)) as valid
    from case_file c
    join case_event e on e.case_id = c.id
    cross join lateral event_keys(
        e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
    ) k
    where c.grid_code between $1::bigint and $2::bigint
        and c.cohort_day >= $3::date and c.cohort_day < $4::date
        and e.arrived_at < $5::timestamptz
        and ($6::smallint[] is null or k.category_id = any ($6::smallint[]))
        and ($7::integer is null or k.organ_id = $7::integer)
    group by 1, 2
)
select a.age, coalesce(sum(d.closed) filter (where d.age <= a.age), 0)::bigint as closed, coalesce(sum(d.valid), 0)::bigint as valid
from generate_series(0, $8::integer) a (age)
left join change d on d.cohort_day <= business_day($5::timestamptz) - a.age
group by a.age
order by a.age
