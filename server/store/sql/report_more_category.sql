-- Sums of measures from 19 on by category within the regions of a level from 1 to 3, from month cells and the events not yet folded.
-- $1 level, $2 $3 region interval, $4 $5 cohort months [from, to), $6 $7 event months [from, to), $8 measures.
-- Index: cell_more_category_month_pkey; case_event_feed_idx for the tail.
select x.key, x.measure, sum(x.n)::bigint as n
from (
    select category_id::bigint as key, measure, n
    from cell_more_category_month
    where level = $1::smallint
        and measure = any ($8::smallint[])
        and region between $2::bigint and $3::bigint
        and cohort_month >= $4::integer and cohort_month < $5::integer
        and event_month >= $6::integer and event_month < $7::integer
    union all
    select k.category_id, m.measure, more_delta(k.more_before, k.more_after, k.more_flow, m.measure)
    from case_event e
    cross join lateral event_more_keys(
        e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
    ) k
    cross join unnest($8::smallint[]) m (measure)
    where (e.feed_xid, e.seq) > ((select feed_xid from cell_position), (select seq from cell_position))
        and :event_more
        and e.grid_code between $2::bigint and $3::bigint
        and month_number(e.cohort_day) >= $4::integer and month_number(e.cohort_day) < $5::integer
        and month_number(business_day(e.arrived_at)) >= $6::integer and month_number(business_day(e.arrived_at)) < $7::integer
) x
group by x.key, x.measure
