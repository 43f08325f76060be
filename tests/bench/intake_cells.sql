-- SPDX-License-Identifier: MIT
-- The opponent of the intake benchmark: the same case, event and report cells in one transaction a request, as plain prepared statements. Rows that many
-- requests share come last (grid before city), so that their locks are held as briefly as can be, always in one order.
\set g random(1, :grids)
begin;
insert into case_file (
    id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level, reporter_id, flags, round,
    return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, due_at, gate_data, reporter_name, address,
    description
)
select
    bench_uuid7(), 230000000000000000 + nextval('bench_number'), 1, 1, 0, code, 1, 1, 1, 1,
    '01900000-0000-7000-8000-000000000001', 0, 1, 0, 0, business_day(now()), now(), now(), now(),
    now() + interval '15 minutes', decode(repeat('00', :gate_bytes), 'hex'), '王丽', '解放路与西苑街口西北角',
    '小区东门外堆放建筑垃圾约两车,影响通行 (100000)'
from bench_grid
where n = :g
returning id as case_id, grid_code as grid_code \gset
insert into case_event (
    case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day, category_id, prev_category_id,
    action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role, imported, actor_id, actor_name, text
)
values (
    :case_id, 1, bench_uuid7(), 1, now(), now(), :grid_code, business_day(now()), 1, 1, 1, 0, 1, 0, 0, 1, 0, 3, false,
    '01900000-0000-7000-8000-000000000001', '王丽', null
);
insert into cell_category_month as t (
    level, region, category_id, cohort_month, event_month,
    reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended,
    forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
)
select
    l.level, region_at_level(:grid_code, l.level), 1, month_number(business_day(now())), month_number(business_day(now())),
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
from (values (3::smallint), (2::smallint), (1::smallint)) l (level)
order by l.level desc
on conflict (level, region, category_id, cohort_month, event_month) do update set
    reported = t.reported + 1;
insert into cell_month as t (
    level, region, cohort_month, event_month,
    reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended,
    forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
)
select
    l.level, region_at_level(:grid_code, l.level), month_number(business_day(now())), month_number(business_day(now())),
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
from (values (5::smallint), (4::smallint), (3::smallint), (2::smallint), (1::smallint)) l (level)
order by l.level desc
on conflict (level, region, cohort_month, event_month) do update set
    reported = t.reported + 1;
insert into cell_day as t (
    level, region, cohort_day, event_day,
    reported, accepted, valid, closed, self_closed, closings, refused, voided, merged, suspended,
    forced, reopened, returned, dispatched, reworked, on_time, late, no_deadline, fed_back
)
select
    l.level, region_at_level(:grid_code, l.level), business_day(now()), business_day(now()),
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
from (values (4::smallint), (3::smallint), (2::smallint), (1::smallint)) l (level)
order by l.level desc
on conflict (level, region, cohort_day, event_day) do update set
    reported = t.reported + 1;
commit;
