-- Sums of every measure straight from the events: exact for any filter and any instant, at a cost that grows with the cohort. Used
-- where no cell table has the grain asked for.
-- $1 key of the rows: 0 none, 1..5 region level, 6 category, 7 organ, 8 channel, 9 cohort day (days since 2000-01-01). $2 $3 region interval. $4 $5 cohort days [from, to).
-- $6 $7 arrival [from, to). $8 category ids or null. $9 organ id or null. $10 channel or null.
-- Index: case_file_cohort_idx or case_file_grid_idx, then case_event_pkey.
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
        k.key,
        measure_delta(k.stock_before, k.stock_after, k.flow, 0) as reported,
        measure_delta(k.stock_before, k.stock_after, k.flow, 1) as accepted,
        measure_delta(k.stock_before, k.stock_after, k.flow, 2) as valid,
        measure_delta(k.stock_before, k.stock_after, k.flow, 3) as closed,
        measure_delta(k.stock_before, k.stock_after, k.flow, 4) as self_closed,
        measure_delta(k.stock_before, k.stock_after, k.flow, 5) as closings,
        measure_delta(k.stock_before, k.stock_after, k.flow, 6) as refused,
        measure_delta(k.stock_before, k.stock_after, k.flow, 7) as voided,
        measure_delta(k.stock_before, k.stock_after, k.flow, 8) as merged,
        measure_delta(k.stock_before, k.stock_after, k.flow, 9) as suspended,
        measure_delta(k.stock_before, k.stock_after, k.flow, 10) as forced,
        measure_delta(k.stock_before, k.stock_after, k.flow, 11) as reopened,
        measure_delta(k.stock_before, k.stock_after, k.flow, 12) as returned,
        measure_delta(k.stock_before, k.stock_after, k.flow, 13) as dispatched,
        measure_delta(k.stock_before, k.stock_after, k.flow, 14) as reworked,
        measure_delta(k.stock_before, k.stock_after, k.flow, 15) as on_time,
        measure_delta(k.stock_before, k.stock_after, k.flow, 16) as late,
        measure_delta(k.stock_before, k.stock_after, k.flow, 17) as no_deadline,
        measure_delta(k.stock_before, k.stock_after, k.flow, 18) as fed_back
    from case_file c
    join case_event e on e.case_id = c.id
    cross join lateral (
        select
            case $1::integer
                when 0 then 0
                when 6 then s.category_id
                when 7 then s.organ_id
                when 8 then c.channel
                when 9 then e.cohort_day - date '2000-01-01'
                else region_at_level(c.grid_code, $1::integer)
            end as key,
            s.stock_before,
            s.stock_after,
            s.flow
        from event_keys(e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow) s
        where ($8::smallint[] is null or s.category_id = any ($8::smallint[]))
            and ($9::integer is null or s.organ_id = $9::integer)
            and ($1::integer <> 7 or s.organ_id is not null)
            and ($10::smallint is null or c.channel = $10::smallint)
    ) k
    where c.grid_code between $2::bigint and $3::bigint
        and c.cohort_day >= $4::date and c.cohort_day < $5::date
        and e.arrived_at >= $6::timestamptz and e.arrived_at < $7::timestamptz
) x
group by x.key
order by x.key
