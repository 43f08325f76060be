-- Cases reported, by weekday (1 Monday to 7) and hour of the report in the business zone.
-- $1 $2 region interval, $3 $4 cohort days [from, to), $5 as-of: cases that had arrived before it, $6 category ids or null,
-- $7 organ id or null; category and organ as they are now.
-- Index: case_file_cohort_idx or case_file_grid_idx.
select
    extract(isodow from c.reported_at at time zone interval '8 hours')::integer as weekday,
    extract(hour from c.reported_at at time zone interval '8 hours')::integer as hour,
    count(*) as n
from case_file c
where c.grid_code between $1::bigint and $2::bigint
    and c.cohort_day >= $3::date and c.cohort_day < $4::date
    and c.arrived_at < $5::timestamptz
    and c.flags & 1 = 1
    and ($6::smallint[] is null or c.category_id = any ($6::smallint[]))
    and ($7::integer is null or c.organ_id = $7::integer)
group by 1, 2
