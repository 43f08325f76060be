-- SPDX-License-Identifier: MIT
-- The opponent of the intake benchmark: the same case and event in one transaction a request, as plain prepared statements.
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
commit;
