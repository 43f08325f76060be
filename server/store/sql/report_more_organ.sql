-- Sums of measures from 19 on by lead organ everywhere, from month cells and the events not yet folded into them.
-- $1 $2 cohort months [from, to), $3 $4 event months [from, to), $5 measures.
-- Index: cell_more_organ_month_pkey; case_event_feed_idx for the tail.
select x.key, x.measure, sum(x.n)::bigint as n
from (
    select organ_id::bigint as key, measure, n
    from cell_more_organ_month
    where measure = any ($5::smallint[])
        and cohort_month >= $1::integer and cohort_month < $2::integer
        and event_month >= $3::integer and event_month < $4::integer
    union all
    select k.organ_id, m.measure, more_delta(k.more_before, k.more_after, k.more_flow, m.measure)
    from case_event e
    cross join lateral event_more_keys(
        e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
    ) k
    cross join unnest($5::smallint[]) m (measure)
    where (e.feed_xid, e.seq) > ((select feed_xid from cell_position), (select seq from cell_position))
        and :event_more
        and k.organ_id is not null
        and month_number(e.cohort_day) >= $1::integer and month_number(e.cohort_day) < $2::integer
        and month_number(business_day(e.arrived_at)) >= $3::integer and month_number(business_day(e.arrived_at)) < $4::integer
) x
group by x.key, x.measure
