-- The measures from 19 on of the events after one position, up to another.
create or replace function cell_roll_more(from_xid xid8, from_seq bigint, to_xid xid8, to_seq bigint) returns void
language sql
as $$
    with batch as materialized (
        select
            e.grid_code, month_number(e.cohort_day) as cohort_month, month_number(business_day(e.arrived_at)) as event_month,
            k.category_id, k.organ_id, k.more_before, k.more_after, k.more_flow, count(*)::integer as n
        from case_event e
        cross join lateral event_more_keys(
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
        ) k
        where (e.feed_xid, e.seq) > (from_xid, from_seq) and (e.feed_xid, e.seq) <= (to_xid, to_seq)
            and coalesce(e.more_before, e.more_after, e.more_flow) is not null
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    change as materialized (
        select b.grid_code, b.cohort_month, b.event_month, b.category_id, b.organ_id, m.measure::smallint as measure, sum(b.n * d.delta) as n
        from batch b
        cross join generate_series(19, 50) m (measure)
        cross join lateral more_delta(b.more_before, b.more_after, b.more_flow, m.measure) d (delta)
        where d.delta <> 0
        group by 1, 2, 3, 4, 5, 6
    ),
    month_cells as (
        insert into cell_more_month as t (level, region, measure, cohort_month, event_month, n)
        select l.level, region_at_level(c.grid_code, l.level), c.measure, c.cohort_month, c.event_month, sum(c.n)
        from change c
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint)) l (level)
        group by 1, 2, 3, 4, 5
        having sum(c.n) <> 0
        order by 1, 3, 2, 4, 5
        on conflict (level, measure, region, cohort_month, event_month) do update set n = t.n + excluded.n
        returning 1
    ),
    category_cells as (
        insert into cell_more_category_month as t (level, region, category_id, measure, cohort_month, event_month, n)
        select l.level, region_at_level(c.grid_code, l.level), c.category_id, c.measure, c.cohort_month, c.event_month, sum(c.n)
        from change c
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        group by 1, 2, 3, 4, 5, 6
        having sum(c.n) <> 0
        order by 1, 4, 2, 3, 5, 6
        on conflict (level, measure, region, category_id, cohort_month, event_month) do update set n = t.n + excluded.n
        returning 1
    )
    insert into cell_more_organ_month as t (organ_id, measure, cohort_month, event_month, n)
    select c.organ_id, c.measure, c.cohort_month, c.event_month, sum(c.n)
    from change c
    where c.organ_id is not null
    group by 1, 2, 3, 4
    having sum(c.n) <> 0
    order by 2, 1, 3, 4
    on conflict (measure, organ_id, cohort_month, event_month) do update set n = t.n + excluded.n
$$;
comment on function cell_roll_more is 'Folds the measures from 19 on of a stretch of the feed into their cells.';

-- Folds up to max_events events of the feed into the cells, all or nothing. Returns how many were folded, or -1 if another
-- worker is at it. Only events below the snapshot horizon are taken: none can appear before them later.
--
-- Few different steps (before, after, flow) make up a batch: events are counted by key and step first, and only the counts are
-- spread over the measures. That is four times as fast as summing every measure over every event at every level.
create or replace function cell_roll(max_events integer) returns integer
language plpgsql
as $$
declare
    pos cell_position;
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    folded integer;
begin
    if not pg_try_advisory_xact_lock(7463284) then
        return -1;
    end if;
    -- report_settled() need not wait for this transaction: it writes no event.
    perform set_config('application_name', 'wangge cell_roll', true);
    select * into strict pos from cell_position;
    with batch as materialized (
        select
            e.feed_xid, e.seq, e.grid_code, e.cohort_day,
            business_day(e.arrived_at) as event_day,
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id,
            e.stock_before, e.stock_after, e.flow
        from case_event e
        where (e.feed_xid, e.seq) > (pos.feed_xid, pos.seq) and e.feed_xid < horizon
        order by e.feed_xid, e.seq
        limit max_events
    ),
    by_region as materialized (
        select
            l.level, region_at_level(b.grid_code, l.level) as region, b.cohort_day, b.event_day,
            b.stock_before, b.stock_after, b.flow, count(*)::integer as n
        from batch b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4, 5, 6, 7
    ),
    by_category as materialized (
        select
            l.level, region_at_level(b.grid_code, l.level) as region, k.category_id,
            month_number(b.cohort_day) as cohort_month, month_number(b.event_day) as event_month,
            k.stock_before, k.stock_after, k.flow, count(*)::integer as n
        from batch b
        cross join lateral event_keys(
            b.category_id, b.prev_category_id, b.organ_id, b.prev_organ_id, b.stock_before, b.stock_after, b.flow
        ) k
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        where k.stock_before <> k.stock_after or k.flow <> 0
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    by_organ as materialized (
        select
            k.organ_id, month_number(b.cohort_day) as cohort_month, month_number(b.event_day) as event_month,
            k.stock_before, k.stock_after, k.flow, count(*)::integer as n
        from batch b
        cross join lateral event_keys(
            b.category_id, b.prev_category_id, b.organ_id, b.prev_organ_id, b.stock_before, b.stock_after, b.flow
        ) k
        where k.organ_id is not null and (k.stock_before <> k.stock_after or k.flow <> 0)
        group by 1, 2, 3, 4, 5, 6
    ),
    day_cells as (
        insert into cell_day as t (
            level, region, cohort_day, event_day,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            b.cohort_day,
            b.event_day,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_region b
        where b.level <= 4
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        on conflict (level, region, cohort_day, event_day) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    month_cells as (
        insert into cell_month as t (
            level, region, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            month_number(b.cohort_day),
            month_number(b.event_day),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_region b
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        on conflict (level, region, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    category_cells as (
        insert into cell_category_month as t (
            level, region, category_id, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.level,
            b.region,
            b.category_id,
            b.cohort_month,
            b.event_month,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_category b
        group by 1, 2, 3, 4, 5
        order by 1, 2, 3, 4, 5
        on conflict (level, region, category_id, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    organ_cells as (
        insert into cell_organ_month as t (
            organ_id, cohort_month, event_month,
            reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended, forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
        )
        select
            b.organ_id,
            b.cohort_month,
            b.event_month,
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 0)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 1)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 2)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 3)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 4)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 5)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 6)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 7)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 8)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 9)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 10)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 11)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 12)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 13)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 14)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 15)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 16)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 17)),
            sum(b.n * measure_delta(b.stock_before, b.stock_after, b.flow, 18))
        from by_organ b
        group by 1, 2, 3
        order by 1, 2, 3
        on conflict (organ_id, cohort_month, event_month) do update set
            reported = t.reported + excluded.reported,
            accepted = t.accepted + excluded.accepted,
            valid = t.valid + excluded.valid,
            closed = t.closed + excluded.closed,
            self_closed = t.self_closed + excluded.self_closed,
            closings = t.closings + excluded.closings,
            refused = t.refused + excluded.refused,
            voided = t.voided + excluded.voided,
            merged = t.merged + excluded.merged,
            suspended = t.suspended + excluded.suspended,
            forced = t.forced + excluded.forced,
            reopened = t.reopened + excluded.reopened,
            returned = t.returned + excluded.returned,
            dispatched = t.dispatched + excluded.dispatched,
            reworked = t.reworked + excluded.reworked,
            on_time = t.on_time + excluded.on_time,
            late = t.late + excluded.late,
            no_deadline = t.no_deadline + excluded.no_deadline,
            fed_back = t.fed_back + excluded.fed_back
        returning 1
    ),
    last as (
        select feed_xid, seq
        from batch
        order by feed_xid desc, seq desc
        limit 1
    ),
    moved as (
        update cell_position p set
            feed_xid = last.feed_xid,
            seq = last.seq
        from last
        returning 1
    )
    select count(*) into folded from batch;
    if folded > 0 then
        perform cell_roll_more(pos.feed_xid, pos.seq, p.feed_xid, p.seq) from cell_position p;
    end if;
    return folded;
end
$$;
comment on function cell_roll is 'Folds events of the feed into the report cells.';
