-- Sums of measures from 19 on over the events that arrived in an interval: the part of a day that an as-of instant cuts off.
-- $1 key of the rows: 0 none, 1..5 region level, 6 category, 7 organ, 8 channel, 9 cohort day (days since 2000-01-01). $2 $3 region interval.
-- $4 $5 cohort days [from, to). $6 $7 arrival [from, to). $8 category ids or null. $9 organ id or null. $10 measures. $11 channel or null.
-- Index: case_event_arrived_idx.
select x.key, x.measure, sum(x.n)::bigint as n
from (
    select
        case $1::integer
            when 0 then 0
            when 6 then k.category_id
            when 7 then k.organ_id
            when 8 then (select c.channel from case_file c where c.id = e.case_id)
            when 9 then e.cohort_day - date '2000-01-01'
            else region_at_level(e.grid_code, $1::integer)
        end as key,
        m.measure,
        more_delta(k.more_before, k.more_after, k.more_flow, m.measure) as n
    from case_event e
    cross join lateral event_more_keys(
        e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
    ) k
    cross join unnest($10::smallint[]) m (measure)
    where e.grid_code between $2::bigint and $3::bigint
        and e.cohort_day >= $4::date and e.cohort_day < $5::date
        and e.arrived_at >= $6::timestamptz and e.arrived_at < $7::timestamptz
        and :event_more
        and ($8::smallint[] is null or k.category_id = any ($8::smallint[]))
        and ($9::integer is null or k.organ_id = $9::integer)
        and ($1::integer <> 7 or k.organ_id is not null)
        and ($11::smallint is null or (select c.channel from case_file c where c.id = e.case_id) = $11::smallint)
) x
where x.n <> 0
group by x.key, x.measure
