-- How many cases had, at an instant, a pending due time in an interval: what stands in the cases now, less what the events since the
-- instant changed. So a figure of now costs as much as there are overdue cases, and one of long ago the events since.
-- $1 key of the rows as report_more_events. $2 $3 region interval. $4 $5 cohort days [from, to). $6 as-of: events that arrived before it.
-- $7 $8 due [from, to). $9 category ids or null. $10 organ id or null. $11 channel or null.
-- Rows: key, kind (0 the handling clock runs, 1 fed back in time, 2 the overall clock runs), n.
-- Index: case_file_figure_due_idx and case_file_open_idx; case_event_arrived_idx.
select
    case $1::integer
        when 0 then 0
        when 6 then d.category_id
        when 7 then d.organ_id
        when 8 then d.channel
        when 9 then d.cohort_day - date '2000-01-01'
        else region_at_level(d.grid_code, $1::integer)
    end as key,
    d.kind,
    sum(d.n)::bigint as n
from (
    select
        c.grid_code, c.cohort_day, c.category_id, c.organ_id, c.channel, case when c.feedback_at is null then 0 else 1 end as kind, 1 as n
    from case_file c
    where c.figure_due_at >= $7::timestamptz and c.figure_due_at < $8::timestamptz
        and c.grid_code between $2::bigint and $3::bigint
        and c.cohort_day >= $4::date and c.cohort_day < $5::date
    union all
    select c.grid_code, c.cohort_day, c.category_id, c.organ_id, c.channel, 2, 1
    from case_file c
    where c.state <= 9
        and c.overall_due_at >= $7::timestamptz and c.overall_due_at < $8::timestamptz
        and c.flags & 3 = 3
        and c.grid_code between $2::bigint and $3::bigint
        and c.cohort_day >= $4::date and c.cohort_day < $5::date
    union all
    select
        e.grid_code, e.cohort_day, u.category_id, u.organ_id,
        case when $1::integer = 8 or $11::smallint is not null then (select c.channel from case_file c where c.id = e.case_id) end, u.kind, u.n
    from case_event e
    cross join lateral (values
        (e.category_id, e.organ_id, ((e.more_after >> 5) & 1)::integer, e.handle_due_after, -1),
        (e.prev_category_id, e.prev_organ_id, ((e.more_before >> 5) & 1)::integer, e.handle_due_before, 1),
        (e.category_id, e.organ_id, 2, e.overall_due_after, -1),
        (e.prev_category_id, e.prev_organ_id, 2, e.overall_due_before, 1)
    ) u (category_id, organ_id, kind, due, n)
    where e.arrived_at >= $6::timestamptz
        and :event_more
        and e.grid_code between $2::bigint and $3::bigint
        and e.cohort_day >= $4::date and e.cohort_day < $5::date
        and u.due >= $7::timestamptz and u.due < $8::timestamptz
) d
where ($9::smallint[] is null or d.category_id = any ($9::smallint[]))
    and ($10::integer is null or d.organ_id = $10::integer)
    and ($11::smallint is null or d.channel = $11::smallint)
    and ($1::integer <> 7 or d.organ_id is not null)
group by 1, 2
