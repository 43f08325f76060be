-- Sums of every measure over the events that arrived in an interval: the part of a day that an as-of instant cuts off.
-- $1 key of the rows: 0 none, 1..5 region level, 6 category, 7 organ, 8 channel, 9 cohort day (days since 2000-01-01). $2 $3 region interval. $4 $5 cohort days [from, to).
-- $6 $7 arrival [from, to). $8 category ids or null. $9 organ id or null. $10 channel or null.
-- Index: case_event_arrived_idx.
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
    select
        s.key,
        measure_delta(s.stock_before, s.stock_after, s.flow, 0) as reported,
        measure_delta(s.stock_before, s.stock_after, s.flow, 1) as accepted,
        measure_delta(s.stock_before, s.stock_after, s.flow, 2) as valid,
        measure_delta(s.stock_before, s.stock_after, s.flow, 3) as closed,
        measure_delta(s.stock_before, s.stock_after, s.flow, 4) as self_closed,
        measure_delta(s.stock_before, s.stock_after, s.flow, 5) as closings,
        measure_delta(s.stock_before, s.stock_after, s.flow, 6) as refused,
        measure_delta(s.stock_before, s.stock_after, s.flow, 7) as voided,
        measure_delta(s.stock_before, s.stock_after, s.flow, 8) as merged,
        measure_delta(s.stock_before, s.stock_after, s.flow, 9) as suspended,
        measure_delta(s.stock_before, s.stock_after, s.flow, 10) as forced,
        measure_delta(s.stock_before, s.stock_after, s.flow, 11) as reopened,
        measure_delta(s.stock_before, s.stock_after, s.flow, 12) as returned,
        measure_delta(s.stock_before, s.stock_after, s.flow, 13) as dispatched,
        measure_delta(s.stock_before, s.stock_after, s.flow, 14) as reworked,
        measure_delta(s.stock_before, s.stock_after, s.flow, 15) as on_time,
        measure_delta(s.stock_before, s.stock_after, s.flow, 16) as late,
        measure_delta(s.stock_before, s.stock_after, s.flow, 17) as no_deadline,
        measure_delta(s.stock_before, s.stock_after, s.flow, 18) as fed_back
    from case_event e
    cross join lateral (
        select
            case $1::integer
                when 0 then 0
                when 6 then k.category_id
                when 7 then k.organ_id
                when 8 then (select c.channel from case_file c where c.id = e.case_id)
                when 9 then e.cohort_day - date '2000-01-01'
                else region_at_level(e.grid_code, $1::integer)
            end as key,
            k.stock_before,
            k.stock_after,
            k.flow
        from event_keys(e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow) k
        where ($8::smallint[] is null or k.category_id = any ($8::smallint[]))
            and ($9::integer is null or k.organ_id = $9::integer)
            and ($1::integer <> 7 or k.organ_id is not null)
            and ($10::smallint is null or (select c.channel from case_file c where c.id = e.case_id) = $10::smallint)
    ) s
    where e.grid_code between $2::bigint and $3::bigint
        and e.cohort_day >= $4::date and e.cohort_day < $5::date
        and e.arrived_at >= $6::timestamptz and e.arrived_at < $7::timestamptz
) x
group by x.key
order by x.key
