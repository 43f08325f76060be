-- Sums of every measure by category within the regions of a level from 1 to 3, from month cells and the events not yet folded into them.
-- $1 level, $2 $3 region interval, $4 $5 cohort months [from, to), $6 $7 event months [from, to).
-- Index: cell_category_month_pkey; case_event_feed_idx for the tail.
select
    x.key,
    coalesce(sum(x.reported), 0)::bigint as reported,
    coalesce(sum(x.accepted), 0)::bigint as accepted,
    coalesce(sum(x.valid), 0)::bigint as valid,
    coalesce(sum(x.closed), 0)::bigint as closed,
    coalesce(sum(x.self_closed), 0)::bigint as self_closed,
    coalesce(sum(x.closings), 0)::bigint as closings,
    coalesce(sum(x.refused), 0)::bigint as refused,
    coalesce(sum(x.voided), 0)::bigint as voided,
    coalesce(sum(x.merged), 0)::bigint as merged,
    coalesce(sum(x.suspended), 0)::bigint as suspended,
    coalesce(sum(x.forced), 0)::bigint as forced,
    coalesce(sum(x.reopened), 0)::bigint as reopened,
    coalesce(sum(x.returned), 0)::bigint as returned,
    coalesce(sum(x.dispatched), 0)::bigint as dispatched,
    coalesce(sum(x.reworked), 0)::bigint as reworked,
    coalesce(sum(x.on_time), 0)::bigint as on_time,
    coalesce(sum(x.late), 0)::bigint as late,
    coalesce(sum(x.no_deadline), 0)::bigint as no_deadline,
    coalesce(sum(x.fed_back), 0)::bigint as fed_back
from (
    select category_id::bigint as key, reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
    from cell_category_month
    where level = $1::smallint
        and region between $2::bigint and $3::bigint
        and cohort_month >= $4::integer and cohort_month < $5::integer
        and event_month >= $6::integer and event_month < $7::integer
    union all
    select
        k.category_id::bigint,
        measure_delta(k.stock_before, k.stock_after, k.flow, 0),
        measure_delta(k.stock_before, k.stock_after, k.flow, 1),
        measure_delta(k.stock_before, k.stock_after, k.flow, 2),
        measure_delta(k.stock_before, k.stock_after, k.flow, 3),
        measure_delta(k.stock_before, k.stock_after, k.flow, 4),
        measure_delta(k.stock_before, k.stock_after, k.flow, 5),
        measure_delta(k.stock_before, k.stock_after, k.flow, 6),
        measure_delta(k.stock_before, k.stock_after, k.flow, 7),
        measure_delta(k.stock_before, k.stock_after, k.flow, 8),
        measure_delta(k.stock_before, k.stock_after, k.flow, 9),
        measure_delta(k.stock_before, k.stock_after, k.flow, 10),
        measure_delta(k.stock_before, k.stock_after, k.flow, 11),
        measure_delta(k.stock_before, k.stock_after, k.flow, 12),
        measure_delta(k.stock_before, k.stock_after, k.flow, 13),
        measure_delta(k.stock_before, k.stock_after, k.flow, 14),
        measure_delta(k.stock_before, k.stock_after, k.flow, 15),
        measure_delta(k.stock_before, k.stock_after, k.flow, 16),
        measure_delta(k.stock_before, k.stock_after, k.flow, 17),
        measure_delta(k.stock_before, k.stock_after, k.flow, 18)
    from case_event e
    cross join lateral event_keys(
        e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
    ) k
    where (e.feed_xid, e.seq) > ((select feed_xid from cell_position), (select seq from cell_position))
        and e.grid_code between $2::bigint and $3::bigint
        and month_number(e.cohort_day) >= $4::integer and month_number(e.cohort_day) < $5::integer
        and month_number(business_day(e.arrived_at)) >= $6::integer and month_number(business_day(e.arrived_at)) < $7::integer
) x
group by x.key
order by x.key
