-- Recounts everything a figure rests on and returns what does not agree, at most max_rows of each kind; nothing returned means that
-- all agrees. Reads the whole of the events: for an operator and for tests, not for a page.
--
--   event       the measure bits of an event are not what its case's states so far say (counted here from actions and states alone)
--   chain       an event does not begin where the one before it ended, or versions have a hole
--   case_file   a case does not stand where its events left it, or names a category or organ that does not exist
--   case_link   a merged case without its open link, an open link of a case that is not merged, or another lead
--   identity    on time + late + without deadline is not closed, for some event
--   due         a case's due time for figures is not that of its last event
--   cell_*      a cell is not the sum of the events folded into it
create or replace function verify(max_rows integer) returns table (kind text, detail text)
language plpgsql
stable
as $$
begin
    return query
    with steps as (
        select
            e.case_id, e.version, e.action, e.from_state, e.to_state, e.stock_before, e.stock_after, e.flow, e.organ_id, e.prev_organ_id,
            bool_or(e.action in (2, 6)) over w as accepted_ever,
            coalesce(bool_or(e.action in (2, 6)) over before, false) as accepted_before,
            count(*) filter (where e.action = 25) over w as reopenings,
            count(*) filter (where e.action = 21) over w as reworks,
            -- The action of the last closing so far: arrays of (version, action) sort by version.
            max(array[e.version, e.action]) filter (where e.to_state = 10 and e.from_state not in (10, 11)) over w as last_closing
        from case_event e
        window
            w as (partition by e.case_id order by e.version),
            before as (partition by e.case_id order by e.version rows between unbounded preceding and 1 preceding)
    ),
    expected as (
        select
            s.*,
            case when s.stock_after & 1 = 0 then 0 else
                1
                + ((s.accepted_ever and s.to_state not in (12, 13, 14))::integer << 2)
                + ((s.to_state in (10, 11))::integer << 3)
                + ((s.to_state in (10, 11) and s.last_closing[2] = 2)::integer << 4)
                + ((s.to_state = 12)::integer << 6)
                + ((s.to_state = 13)::integer << 7)
                + ((s.to_state = 14)::integer << 8)
                + ((s.to_state = 6)::integer << 9)
                + ((s.to_state in (10, 11) and s.last_closing[2] = 23)::integer << 10)
                + ((s.accepted_ever and s.to_state not in (12, 13, 14) and s.reopenings > 0)::integer << 11)
                + ((s.accepted_ever and s.to_state not in (12, 13, 14) and s.reworks > 0)::integer << 14)
            end as stock,
            case when s.stock_after & 1 = 0 then 0 else
                ((s.accepted_ever and not s.accepted_before)::integer << 1)
                + ((s.to_state = 10 and s.from_state not in (10, 11))::integer << 5)
                + ((s.action = 12)::integer << 12)
                + ((s.action = 9 or (s.action = 13 and s.organ_id is distinct from s.prev_organ_id))::integer << 13)
                + ((s.action = 18)::integer << 18)
            end as acts
        from steps s
    )
    select 'event'::text, format('case %s version %s: counted %s and %s, stored %s and %s', x.case_id, x.version, x.stock, x.acts,
        x.stock_after & ~229376, x.flow)
    from expected x
    -- The three clock measures follow from limits the events do not repeat; the identity below holds them together.
    where x.stock <> x.stock_after & ~229376 or x.acts <> x.flow
    limit max_rows;

    return query
    with steps as (
        select
            e.case_id, e.version, e.from_state, e.stock_before,
            row_number() over w as position,
            lag(e.to_state) over w as state_before,
            lag(e.stock_after) over w as left_at
        from case_event e
        window w as (partition by e.case_id order by e.version)
    )
    select 'chain'::text, format('case %s version %s', s.case_id, s.version)
    from steps s
    where s.version <> s.position
        or s.from_state <> coalesce(s.state_before, 0)
        or s.stock_before <> coalesce(s.left_at, 0)
    limit max_rows;

    return query
    select 'case_file'::text, format('case %s: version %s state %s, its last event %s state %s', c.id, c.version, c.state, l.version, l.to_state)
    from case_file c
    left join lateral (
        select e.version, e.to_state, e.category_id, e.organ_id
        from case_event e
        where e.case_id = c.id
        order by e.version desc
        limit 1
    ) l on true
    where (c.version, c.state, c.category_id) is distinct from (l.version, l.to_state, l.category_id)
        or c.organ_id is distinct from l.organ_id
        or not exists (select from category k where k.id = c.category_id)
        or (c.organ_id is not null and not exists (select from organ o where o.id = c.organ_id))
    limit max_rows;

    return query
    select 'case_link'::text, format('case %s: merged into %s, linked to %s', coalesce(c.id, l.case_id), c.merged_into, l.lead_id)
    from (select id, merged_into from case_file where merged_into is not null) c
    full join (select case_id, lead_id from case_link where split_version is null) l on l.case_id = c.id
    where c.merged_into is distinct from l.lead_id
    limit max_rows;

    return query
    select 'identity'::text, format('case %s version %s: %s', e.case_id, e.version, e.stock_after)
    from case_event e
    where (e.stock_after >> 3) & 1
        <> ((e.stock_after >> 15) & 1) + ((e.stock_after >> 16) & 1) + ((e.stock_after >> 17) & 1)
    limit max_rows;

    -- cell_day: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            b.cohort_day as cohort_day,
            business_day(b.arrived_at) as event_day,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (select e.* from case_event e where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))) b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.cohort_day, c.cohort_day) as cohort_day,
            coalesce(r.event_day, c.event_day) as event_day,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_day c on c.level = r.level and c.region = r.region and c.cohort_day = r.cohort_day and c.event_day = r.event_day
    )
    select 'cell_day'::text, format('level %s region %s cohort_day %s event_day %s: counted %s, stored %s', d.level, d.region, d.cohort_day, d.event_day, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (select e.* from case_event e where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))) b
        cross join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_month c on c.level = r.level and c.region = r.region and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_month'::text, format('level %s region %s cohort_month %s event_month %s: counted %s, stored %s', d.level, d.region, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_category_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            l.level as level,
            region_at_level(b.grid_code, l.level) as region,
            b.category_id as category_id,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (
            select e.grid_code, e.cohort_day, e.arrived_at, k.*
            from case_event e
            cross join lateral event_keys(
                e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
            ) k
            where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
        ) b
        cross join (values (1::smallint), (2::smallint), (3::smallint)) l (level)
        where b.stock_before <> b.stock_after or b.flow <> 0
        group by 1, 2, 3, 4, 5
    ),
    difference as (
        select
            coalesce(r.level, c.level) as level,
            coalesce(r.region, c.region) as region,
            coalesce(r.category_id, c.category_id) as category_id,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_category_month c on c.level = r.level and c.region = r.region and c.category_id = r.category_id and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_category_month'::text, format('level %s region %s category_id %s cohort_month %s event_month %s: counted %s, stored %s', d.level, d.region, d.category_id, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- cell_organ_month: what the folded events give, beside what is stored. Rows that add up to nothing may be there or not.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    recount as (
        select
            b.organ_id as organ_id,
            month_number(b.cohort_day) as cohort_month,
            month_number(business_day(b.arrived_at)) as event_month,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 0))::integer as reported,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 1))::integer as accepted,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 2))::integer as valid,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 3))::integer as closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 4))::integer as self_closed,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 5))::integer as closings,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 6))::integer as refused,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 7))::integer as voided,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 8))::integer as merged,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 9))::integer as suspended,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 10))::integer as forced,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 11))::integer as reopened,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 12))::integer as returned,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 13))::integer as dispatched,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 14))::integer as reworked,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 15))::integer as on_time,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 16))::integer as late,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 17))::integer as no_deadline,
            sum(measure_delta(b.stock_before, b.stock_after, b.flow, 18))::integer as fed_back
        from (
            select e.grid_code, e.cohort_day, e.arrived_at, k.*
            from case_event e
            cross join lateral event_keys(
                e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.stock_before, e.stock_after, e.flow
            ) k
            where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
        ) b
        where b.organ_id is not null and (b.stock_before <> b.stock_after or b.flow <> 0)
        group by 1, 2, 3
    ),
    difference as (
        select
            coalesce(r.organ_id, c.organ_id) as organ_id,
            coalesce(r.cohort_month, c.cohort_month) as cohort_month,
            coalesce(r.event_month, c.event_month) as event_month,
            row(coalesce(r.reported, 0), coalesce(r.accepted, 0), coalesce(r.valid, 0), coalesce(r.closed, 0), coalesce(r.self_closed, 0), coalesce(r.closings, 0), coalesce(r.refused, 0), coalesce(r.voided, 0), coalesce(r.merged, 0), coalesce(r.suspended, 0), coalesce(r.forced, 0), coalesce(r.reopened, 0), coalesce(r.returned, 0), coalesce(r.dispatched, 0), coalesce(r.reworked, 0), coalesce(r.on_time, 0), coalesce(r.late, 0), coalesce(r.no_deadline, 0), coalesce(r.fed_back, 0)) as counted,
            row(coalesce(c.reported, 0), coalesce(c.accepted, 0), coalesce(c.valid, 0), coalesce(c.closed, 0), coalesce(c.self_closed, 0), coalesce(c.closings, 0), coalesce(c.refused, 0), coalesce(c.voided, 0), coalesce(c.merged, 0), coalesce(c.suspended, 0), coalesce(c.forced, 0), coalesce(c.reopened, 0), coalesce(c.returned, 0), coalesce(c.dispatched, 0), coalesce(c.reworked, 0), coalesce(c.on_time, 0), coalesce(c.late, 0), coalesce(c.no_deadline, 0), coalesce(c.fed_back, 0)) as stored
        from recount r
        full join cell_organ_month c on c.organ_id = r.organ_id and c.cohort_month = r.cohort_month and c.event_month = r.event_month
    )
    select 'cell_organ_month'::text, format('organ_id %s cohort_month %s event_month %s: counted %s, stored %s', d.organ_id, d.cohort_month, d.event_month, d.counted, d.stored)
    from difference d
    where d.counted <> d.stored
    limit max_rows;

    -- The measures from 19 on.
    return query
    with pos as materialized (
        select feed_xid, seq
        from cell_position
    ),
    folded as materialized (
        select
            e.grid_code, month_number(e.cohort_day) as cohort_month, month_number(business_day(e.arrived_at)) as event_month,
            k.category_id, k.organ_id, m.measure, more_delta(k.more_before, k.more_after, k.more_flow, m.measure) as n
        from case_event e
        cross join lateral event_more_keys(
            e.category_id, e.prev_category_id, e.organ_id, e.prev_organ_id, e.more_before, e.more_after, e.more_flow
        ) k
        cross join generate_series(19, 50) m (measure)
        where (e.feed_xid, e.seq) <= ((select feed_xid from pos), (select seq from pos))
            and coalesce(e.more_before, e.more_after, e.more_flow) is not null
            and more_delta(k.more_before, k.more_after, k.more_flow, m.measure) <> 0
    ),
    recount as (
        select
            'cell_more_month'::text as cells,
            format('level %s region %s measure %s cohort_month %s event_month %s', l.level, region_at_level(f.grid_code, l.level),
                f.measure, f.cohort_month, f.event_month) as cell,
            sum(f.n) as n
        from folded f
        cross join (values (1), (2), (3), (4)) l (level)
        group by 2
        union all
        select
            'cell_more_category_month',
            format('level %s region %s category_id %s measure %s cohort_month %s event_month %s', l.level,
                region_at_level(f.grid_code, l.level), f.category_id, f.measure, f.cohort_month, f.event_month),
            sum(f.n)
        from folded f
        cross join (values (1), (2), (3)) l (level)
        group by 2
        union all
        select
            'cell_more_organ_month',
            format('organ_id %s measure %s cohort_month %s event_month %s', f.organ_id, f.measure, f.cohort_month, f.event_month),
            sum(f.n)
        from folded f
        where f.organ_id is not null
        group by 2
    ),
    stored as (
        select
            'cell_more_month'::text as cells,
            format('level %s region %s measure %s cohort_month %s event_month %s', c.level, c.region, c.measure, c.cohort_month,
                c.event_month) as cell,
            c.n
        from cell_more_month c
        union all
        select
            'cell_more_category_month',
            format('level %s region %s category_id %s measure %s cohort_month %s event_month %s', c.level, c.region, c.category_id,
                c.measure, c.cohort_month, c.event_month),
            c.n
        from cell_more_category_month c
        union all
        select
            'cell_more_organ_month',
            format('organ_id %s measure %s cohort_month %s event_month %s', c.organ_id, c.measure, c.cohort_month, c.event_month),
            c.n
        from cell_more_organ_month c
    )
    select coalesce(r.cells, s.cells), format('%s: counted %s, stored %s', coalesce(r.cell, s.cell), r.n, s.n)
    from recount r
    full join stored s on s.cells = r.cells and s.cell = r.cell
    where coalesce(r.n, 0) <> coalesce(s.n, 0)
    limit max_rows;

    return query
    select 'due'::text, format('case %s: %s, its last event %s', c.id, c.figure_due_at, e.handle_due_after)
    from case_file c
    join case_event e on e.case_id = c.id and e.version = c.version
    where c.figure_due_at is distinct from e.handle_due_after
    limit max_rows;
end
$$;
comment on function verify is 'Recounts everything figures rest on; returns what does not agree.';
