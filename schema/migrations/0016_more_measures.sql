-- Purpose: measures beyond those of the completion rate (handling, checks, revisits, disputes, the figures against gaming) and pending
-- due times, which time alone turns into overdue. Only cases that go through a unit change them, so they have columns that stay null
-- and cells that stay untouched for the rest.
-- Locks: access exclusive on case_event and case_file for an instant (columns without a default); building two indexes blocks writes
-- meanwhile. Backfill: a case that exists already enters the new measures with its last step so far: figures as of a time before that
-- step count the old measures only. Its due time is taken from its clock if that runs; what its row does not tell (an extension, the
-- overall limit kept, a feedback on the last day) counts from its next closing on.
-- Rollback: drop the new tables and columns.
--
-- One row a measure instead of one column: few measures change with a step, and another measure needs no other table.

alter table case_event
    add column more_before bigint,
    add column more_after bigint,
    add column more_flow bigint,
    add column handle_due_before timestamptz,
    add column handle_due_after timestamptz,
    add column overall_due_before timestamptz,
    add column overall_due_after timestamptz;
comment on column case_event.more_before is 'Bits of the measures from 19 on (bit 0: measure 19) that hold before the event; null: none.';
comment on column case_event.more_after is 'The same after the event.';
comment on column case_event.more_flow is 'The same of acts: what the event itself counts as.';
comment on column case_event.handle_due_before is 'Before the event: when the handling clock that runs is due, or, fed back in time and still open, was due; null: neither.';
comment on column case_event.handle_due_after is 'The same after the event.';
comment on column case_event.overall_due_before is 'Before the event: when the overall clock of a valid open case is due; null: it does not run or has no limit.';
comment on column case_event.overall_due_after is 'The same after the event.';

alter table case_file
    add column figure_due_at timestamptz;
comment on column case_file.figure_due_at is 'handle_due_after of its last event: from then on the case counts as overdue, or as having been due.';

create table cell_more_month (
    level smallint not null,
    region bigint not null,
    measure smallint not null,
    cohort_month integer not null,
    event_month integer not null,
    n integer not null,
    constraint cell_more_month_pkey primary key (level, measure, region, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_more_month is 'The measures from 19 on, by region down to the community and by month.';
comment on column cell_more_month.level is '1 city to 4 community.';
comment on column cell_more_month.region is 'Code padded to 15 digits.';
comment on column cell_more_month.measure is 'Number of the measure.';
comment on column cell_more_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_more_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_more_month.n is 'Change in the measure.';

create table cell_more_category_month (
    level smallint not null,
    region bigint not null,
    category_id smallint not null,
    measure smallint not null,
    cohort_month integer not null,
    event_month integer not null,
    n integer not null,
    constraint cell_more_category_month_pkey primary key (level, measure, region, category_id, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_more_category_month is 'The measures from 19 on, by city, county and township, category and month.';
comment on column cell_more_category_month.level is '1 city to 3 township.';
comment on column cell_more_category_month.region is 'Code padded to 15 digits.';
comment on column cell_more_category_month.category_id is 'Category.';
comment on column cell_more_category_month.measure is 'Number of the measure.';
comment on column cell_more_category_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_more_category_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_more_category_month.n is 'Change in the measure.';

create table cell_more_organ_month (
    organ_id integer not null,
    measure smallint not null,
    cohort_month integer not null,
    event_month integer not null,
    n integer not null,
    constraint cell_more_organ_month_pkey primary key (measure, organ_id, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_more_organ_month is 'The measures from 19 on, by lead organ at the time and by month.';
comment on column cell_more_organ_month.organ_id is 'Lead organ.';
comment on column cell_more_organ_month.measure is 'Number of the measure.';
comment on column cell_more_organ_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_more_organ_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_more_organ_month.n is 'Change in the measure.';

-- Flags 2048 (a dispute) and 8192 (fed back once at least) of cases that exist already.
update case_file c set
    flags = flags
        | case when exists (select from category k where k.id = c.category_id and k.code like 'D01%') then 2048 else 0 end
        | case when exists (select from case_event e where e.case_id = c.id and e.action = 18) then 8192 else 0 end
where exists (select from category k where k.id = c.category_id and k.code like 'D01%') or c.feedback_at is not null or c.rework_count > 0
    or c.round > 1;

alter table case_event disable trigger case_event_append_only;
with standing as (
    select
        c.id, c.version, c.feedback_at, c.due_at, c.state, c.overall_due_at,
        c.flags & 2 <> 0 and c.state not in (12, 13, 14) as valid,
        c.state in (10, 11) as closed,
        c.feedback_at is not null as fed_back,
        c.flags & 32 <> 0 and c.flags & 1024 = 0 as late,
        l.stock_after as stock
    from case_file c
    join case_event l on l.case_id = c.id and l.version = c.version
    where c.flags & 1 <> 0
        -- Settled on the spot: nothing of this holds, but of a dispute.
        and not (c.state in (10, 11) and c.flags & 4 <> 0 and c.flags & 2048 = 0)
),
bits as (
    select
        s.id, s.version,
        (s.valid and f.flags & 8192 <> 0)::integer::bigint
            + ((s.state = 13 and f.flags & 2 <> 0)::integer::bigint << 1)
            + ((s.valid and s.fed_back)::integer::bigint << 2)
            + ((s.valid and s.fed_back and not s.late)::integer::bigint << 3)
            + ((s.valid and not s.closed and not s.fed_back and s.state <> 6)::integer::bigint << 4)
            + ((s.valid and not s.closed and s.fed_back and not s.late)::integer::bigint << 5)
            + ((s.valid and not s.closed and s.fed_back and s.late)::integer::bigint << 6)
            + (((s.stock >> 15) & 1 = 1 and f.flags & 32 <> 0)::integer::bigint << 10)
            + ((s.closed and f.flags & 4 = 0 and f.closed_at - f.reported_at <= interval '10 minutes')::integer::bigint << 11)
            + ((s.valid and f.channel in (2, 3))::integer::bigint << 14)
            + ((s.valid and f.flags & 2048 <> 0)::integer::bigint << 15)
            + ((s.valid and f.flags & 2048 <> 0 and (s.fed_back or s.closed))::integer::bigint << 16)
            + ((s.valid and f.flags & 2048 <> 0 and s.closed)::integer::bigint << 17)
            + ((s.valid and not s.closed and f.round > 1)::integer::bigint << 19)
            + ((s.state in (12, 14) and f.flags & 2 <> 0)::integer::bigint << 20) as more,
        case when s.valid and s.state in (4, 5) then s.due_at end as handle_due,
        case when s.valid and not s.closed then s.overall_due_at end as overall_due
    from standing s
    join case_file f on f.id = s.id
)
update case_event e set
    more_after = nullif(b.more, 0),
    handle_due_after = b.handle_due,
    overall_due_after = b.overall_due
from bits b
where e.case_id = b.id and e.version = b.version and (b.more <> 0 or b.handle_due is not null or b.overall_due is not null);
alter table case_event enable trigger case_event_append_only;

update case_file c set
    figure_due_at = e.handle_due_after
from case_event e
where e.case_id = c.id and e.version = c.version and e.handle_due_after is not null;

-- What was folded before has no part in the new cells yet.
with late as materialized (
    select
        e.grid_code,
        (extract(year from e.cohort_day) * 12 + extract(month from e.cohort_day) - 1)::integer as cohort_month,
        (extract(year from e.arrived_at at time zone interval '8 hours') * 12
            + extract(month from e.arrived_at at time zone interval '8 hours') - 1)::integer as event_month,
        e.category_id, e.organ_id, m.measure
    from case_event e
    cross join generate_series(19, 50) m (measure)
    where e.more_after is not null and (e.more_after >> (m.measure - 19)) & 1 = 1
        and (e.feed_xid, e.seq) <= ((select feed_xid from cell_position), (select seq from cell_position))
),
by_region as (
    insert into cell_more_month (level, region, measure, cohort_month, event_month, n)
    select l.level, t.grid_code / l.unit * l.unit, t.measure, t.cohort_month, t.event_month, count(*)
    from late t
    cross join (values (1, 100000000000), (2, 1000000000), (3, 1000000), (4, 1000)) l (level, unit)
    group by 1, 2, 3, 4, 5
),
by_category as (
    insert into cell_more_category_month (level, region, category_id, measure, cohort_month, event_month, n)
    select l.level, t.grid_code / l.unit * l.unit, t.category_id, t.measure, t.cohort_month, t.event_month, count(*)
    from late t
    cross join (values (1, 100000000000), (2, 1000000000), (3, 1000000)) l (level, unit)
    group by 1, 2, 3, 4, 5, 6
)
insert into cell_more_organ_month (organ_id, measure, cohort_month, event_month, n)
select t.organ_id, t.measure, t.cohort_month, t.event_month, count(*)
from late t
where t.organ_id is not null
group by 1, 2, 3, 4;

create index case_event_more_idx on case_event (cohort_day, grid_code)
where coalesce(more_before, more_after, more_flow) is not null;
create index case_file_figure_due_idx on case_file (figure_due_at)
where figure_due_at is not null;
