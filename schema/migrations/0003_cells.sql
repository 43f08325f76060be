-- Purpose: report cells: dated deltas of every measure, so that a figure as of any day is a sum of a few rows.
-- Locks: none on existing data. Backfill: none (the roll starts at the beginning of the feed). Rollback: drop the cell tables.
--
-- Events carry their deltas as bits (case_event.stock_before, stock_after, flow). cell_roll() folds the events below the snapshot
-- horizon into the cells and moves cell_position; a reader adds the few events beyond it, so a figure is exact at its snapshot
-- and intake never waits for a hot row.

create table cell_position (
    one boolean not null default true,
    feed_xid xid8 not null,
    seq bigint not null,
    constraint cell_position_pkey primary key (one),
    constraint cell_position_one_check check (one)
);
comment on table cell_position is 'How far the feed has been folded into the cells; a single row.';
comment on column cell_position.one is 'Always true.';
comment on column cell_position.feed_xid is 'Transaction of the last folded event.';
comment on column cell_position.seq is 'Its position within that transaction.';

insert into cell_position (feed_xid, seq)
values ('0', 0);

create table cell_day (
    level smallint not null,
    region bigint not null,
    cohort_day date not null,
    event_day date not null,
    reported integer not null,
    accepted integer not null,
    valid integer not null,
    closed integer not null,
    self_closed integer not null,
    closings integer not null,
    refused integer not null,
    voided integer not null,
    merged integer not null,
    suspended integer not null,
    forced integer not null,
    reopened integer not null,
    returned integer not null,
    dispatched integer not null,
    reworked integer not null,
    on_time integer not null,
    late integer not null,
    no_deadline integer not null,
    fed_back integer not null,
    constraint cell_day_pkey primary key (level, region, cohort_day, event_day)
) with (fillfactor = 70);
comment on table cell_day is 'By region down to the community and by day; a grid''s days are few enough to count from its events.';
comment on column cell_day.level is '1 city to 4 community.';
comment on column cell_day.region is 'Code padded to 15 digits.';
comment on column cell_day.cohort_day is 'Local day of the report.';
comment on column cell_day.event_day is 'Local day on which the events arrived.';
comment on column cell_day.reported is 'Change in: cases reported.';
comment on column cell_day.accepted is 'Change in: first acceptances (acts).';
comment on column cell_day.valid is 'Change in: accepted or settled and not refused, voided or merged.';
comment on column cell_day.closed is 'Change in: closed or archived.';
comment on column cell_day.self_closed is 'Change in: closed by the worker who found them.';
comment on column cell_day.closings is 'Change in: closings (acts).';
comment on column cell_day.refused is 'Change in: refused.';
comment on column cell_day.voided is 'Change in: voided or recalled.';
comment on column cell_day.merged is 'Change in: merged into another.';
comment on column cell_day.suspended is 'Change in: suspended.';
comment on column cell_day.forced is 'Change in: closed by force.';
comment on column cell_day.reopened is 'Change in: valid and reopened at least once.';
comment on column cell_day.returned is 'Change in: returns (acts).';
comment on column cell_day.dispatched is 'Change in: dispatches (acts).';
comment on column cell_day.reworked is 'Change in: valid and reworked at least once.';
comment on column cell_day.on_time is 'Change in: closed on time.';
comment on column cell_day.late is 'Change in: closed late.';
comment on column cell_day.no_deadline is 'Change in: closed without a deadline.';
comment on column cell_day.fed_back is 'Change in: feedbacks (acts).';

create table cell_month (
    level smallint not null,
    region bigint not null,
    cohort_month integer not null,
    event_month integer not null,
    reported integer not null,
    accepted integer not null,
    valid integer not null,
    closed integer not null,
    self_closed integer not null,
    closings integer not null,
    refused integer not null,
    voided integer not null,
    merged integer not null,
    suspended integer not null,
    forced integer not null,
    reopened integer not null,
    returned integer not null,
    dispatched integer not null,
    reworked integer not null,
    on_time integer not null,
    late integer not null,
    no_deadline integer not null,
    fed_back integer not null,
    constraint cell_month_pkey primary key (level, region, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_month is 'By region of every level and by month.';
comment on column cell_month.level is '1 city to 5 grid.';
comment on column cell_month.region is 'Code padded to 15 digits.';
comment on column cell_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_month.reported is 'Change in: cases reported.';
comment on column cell_month.accepted is 'Change in: first acceptances (acts).';
comment on column cell_month.valid is 'Change in: accepted or settled and not refused, voided or merged.';
comment on column cell_month.closed is 'Change in: closed or archived.';
comment on column cell_month.self_closed is 'Change in: closed by the worker who found them.';
comment on column cell_month.closings is 'Change in: closings (acts).';
comment on column cell_month.refused is 'Change in: refused.';
comment on column cell_month.voided is 'Change in: voided or recalled.';
comment on column cell_month.merged is 'Change in: merged into another.';
comment on column cell_month.suspended is 'Change in: suspended.';
comment on column cell_month.forced is 'Change in: closed by force.';
comment on column cell_month.reopened is 'Change in: valid and reopened at least once.';
comment on column cell_month.returned is 'Change in: returns (acts).';
comment on column cell_month.dispatched is 'Change in: dispatches (acts).';
comment on column cell_month.reworked is 'Change in: valid and reworked at least once.';
comment on column cell_month.on_time is 'Change in: closed on time.';
comment on column cell_month.late is 'Change in: closed late.';
comment on column cell_month.no_deadline is 'Change in: closed without a deadline.';
comment on column cell_month.fed_back is 'Change in: feedbacks (acts).';

create table cell_category_month (
    level smallint not null,
    region bigint not null,
    category_id smallint not null,
    cohort_month integer not null,
    event_month integer not null,
    reported integer not null,
    accepted integer not null,
    valid integer not null,
    closed integer not null,
    self_closed integer not null,
    closings integer not null,
    refused integer not null,
    voided integer not null,
    merged integer not null,
    suspended integer not null,
    forced integer not null,
    reopened integer not null,
    returned integer not null,
    dispatched integer not null,
    reworked integer not null,
    on_time integer not null,
    late integer not null,
    no_deadline integer not null,
    fed_back integer not null,
    constraint cell_category_month_pkey primary key (level, region, category_id, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_category_month is 'By city, county and township, category and month.';
comment on column cell_category_month.level is '1 city to 5 grid.';
comment on column cell_category_month.region is 'Code padded to 15 digits.';
comment on column cell_category_month.category_id is 'Category.';
comment on column cell_category_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_category_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_category_month.reported is 'Change in: cases reported.';
comment on column cell_category_month.accepted is 'Change in: first acceptances (acts).';
comment on column cell_category_month.valid is 'Change in: accepted or settled and not refused, voided or merged.';
comment on column cell_category_month.closed is 'Change in: closed or archived.';
comment on column cell_category_month.self_closed is 'Change in: closed by the worker who found them.';
comment on column cell_category_month.closings is 'Change in: closings (acts).';
comment on column cell_category_month.refused is 'Change in: refused.';
comment on column cell_category_month.voided is 'Change in: voided or recalled.';
comment on column cell_category_month.merged is 'Change in: merged into another.';
comment on column cell_category_month.suspended is 'Change in: suspended.';
comment on column cell_category_month.forced is 'Change in: closed by force.';
comment on column cell_category_month.reopened is 'Change in: valid and reopened at least once.';
comment on column cell_category_month.returned is 'Change in: returns (acts).';
comment on column cell_category_month.dispatched is 'Change in: dispatches (acts).';
comment on column cell_category_month.reworked is 'Change in: valid and reworked at least once.';
comment on column cell_category_month.on_time is 'Change in: closed on time.';
comment on column cell_category_month.late is 'Change in: closed late.';
comment on column cell_category_month.no_deadline is 'Change in: closed without a deadline.';
comment on column cell_category_month.fed_back is 'Change in: feedbacks (acts).';

create table cell_organ_month (
    organ_id integer not null,
    cohort_month integer not null,
    event_month integer not null,
    reported integer not null,
    accepted integer not null,
    valid integer not null,
    closed integer not null,
    self_closed integer not null,
    closings integer not null,
    refused integer not null,
    voided integer not null,
    merged integer not null,
    suspended integer not null,
    forced integer not null,
    reopened integer not null,
    returned integer not null,
    dispatched integer not null,
    reworked integer not null,
    on_time integer not null,
    late integer not null,
    no_deadline integer not null,
    fed_back integer not null,
    constraint cell_organ_month_pkey primary key (organ_id, cohort_month, event_month)
) with (fillfactor = 70);
comment on table cell_organ_month is 'By lead organ at the time and by month.';
comment on column cell_organ_month.organ_id is 'Lead organ.';
comment on column cell_organ_month.cohort_month is 'Local month of the report: year * 12 + month - 1.';
comment on column cell_organ_month.event_month is 'Local month in which the events arrived: year * 12 + month - 1.';
comment on column cell_organ_month.reported is 'Change in: cases reported.';
comment on column cell_organ_month.accepted is 'Change in: first acceptances (acts).';
comment on column cell_organ_month.valid is 'Change in: accepted or settled and not refused, voided or merged.';
comment on column cell_organ_month.closed is 'Change in: closed or archived.';
comment on column cell_organ_month.self_closed is 'Change in: closed by the worker who found them.';
comment on column cell_organ_month.closings is 'Change in: closings (acts).';
comment on column cell_organ_month.refused is 'Change in: refused.';
comment on column cell_organ_month.voided is 'Change in: voided or recalled.';
comment on column cell_organ_month.merged is 'Change in: merged into another.';
comment on column cell_organ_month.suspended is 'Change in: suspended.';
comment on column cell_organ_month.forced is 'Change in: closed by force.';
comment on column cell_organ_month.reopened is 'Change in: valid and reopened at least once.';
comment on column cell_organ_month.returned is 'Change in: returns (acts).';
comment on column cell_organ_month.dispatched is 'Change in: dispatches (acts).';
comment on column cell_organ_month.reworked is 'Change in: valid and reworked at least once.';
comment on column cell_organ_month.on_time is 'Change in: closed on time.';
comment on column cell_organ_month.late is 'Change in: closed late.';
comment on column cell_organ_month.no_deadline is 'Change in: closed without a deadline.';
comment on column cell_organ_month.fed_back is 'Change in: feedbacks (acts).';
