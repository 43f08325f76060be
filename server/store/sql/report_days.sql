-- Sums of every measure below 19 by cohort day, from day cells and the events not yet folded into them. Rows: days since 2000-01-01.
-- $1 level from 1 to 4 of the region, $2 $3 region interval, $4 $5 cohort days [from, to), $6 $7 event days [from, to).
-- Index: cell_day_pkey; case_event_feed_idx for the tail.
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
    select (cohort_day - date '2000-01-01')::bigint as key, reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
    from cell_day
    where level = $1::smallint
        and region between $2::bigint and $3::bigint
        and cohort_day >= $4::date and cohort_day < $5::date
        and event_day >= $6::date and event_day < $7::date
    union all
    select
        (e.cohort_day - date '2000-01-01')::bigint,
        measure_delta(e.stock_before, e.stock_after, e.flow, 0),
        measure_delta(e.stock_before, e.stock_after, e.flow, 1),
        measure_delta(e.stock_before, e.stock_after, e.flow, 2),
        measure_delta(e.stock_before, e.stock_after, e.flow, 3),
        measure_delta(e.stock_before, e.stock_after, e.flow, 4),
        measure_delta(e.stock_before, e.stock_after, e.flow, 5),
        measure_delta(e.stock_before, e.stock_after, e.flow, 6),
        measure_delta(e.stock_before, e.stock_after, e.flow, 7),
        measure_delta(e.stock_before, e.stock_after, e.flow, 8),
        measure_delta(e.stock_before, e.stock_after, e.flow, 9),
        measure_delta(e.stock_before, e.stock_after, e.flow, 10),
        measure_delta(e.stock_before, e.stock_after, e.flow, 11),
        measure_delta(e.stock_before, e.stock_after, e.flow, 12),
        measure_delta(e.stock_before, e.stock_after, e.flow, 13),
        measure_delta(e.stock_before, e.stock_after, e.flow, 14),
        measure_delta(e.stock_before, e.stock_after, e.flow, 15),
        measure_delta(e.stock_before, e.stock_after, e.flow, 16),
        measure_delta(e.stock_before, e.stock_after, e.flow, 17),
        measure_delta(e.stock_before, e.stock_after, e.flow, 18)
    from case_event e
    where (e.feed_xid, e.seq) > ((select feed_xid from cell_position), (select seq from cell_position))
        and e.grid_code between $2::bigint and $3::bigint
        and e.cohort_day >= $4::date and e.cohort_day < $5::date
        and business_day(e.arrived_at) >= $6::date and business_day(e.arrived_at) < $7::date
) x
group by x.key
order by x.key
