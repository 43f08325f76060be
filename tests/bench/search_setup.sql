-- SPDX-License-Identifier: MIT
-- Cases from the texts in bench_text (n, grid, category, description, address, latitude, longitude), in their order over the three
-- years before today, one event each; and the opponent's copy with its trigram index. Run with fresh tables only.
set synchronous_commit = off;
set maintenance_work_mem = '512MB';
set work_mem = '128MB';
set session_replication_role = replica;

create temp table placed as
select
    t.n, t.grid, c.id as category, t.description, t.address, t.latitude, t.longitude,
    (current_date - 1095 + (t.n * 1095 / :count)::integer) + time '00:30' + (t.n % 82800) * interval '1 second' as at
from bench_text t
join category c on c.code = t.category;

create temp table made as
select
    p.*,
    business_day(p.at) as day,
    (lpad(to_hex((extract(epoch from p.at) * 1000)::bigint), 12, '0') || '7' || substr(md5('c' || p.n), 1, 3) || '8'
        || substr(md5('c' || p.n), 4, 15))::uuid as id
from placed p;

insert into case_file (
    id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level, reporter_id, flags, round,
    return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, closed_at, latitude, longitude, reporter_name,
    address, description
)
select
    id,
    (grid / 1000000000 * 1000000 + to_char(day, 'YYMMDD')::bigint) * 1000000 + 1 + row_number() over (partition by grid / 1000000000, day order by n),
    1, case when n > :count * 0.98 then 1 else 10 end, 0, grid, category, 1, 1, 1, '01900000-0000-7000-8000-000000000001', 0, 1, 0, 0,
    day, at, at, at, case when n > :count * 0.98 then null else at end, latitude, longitude, '王丽', address, description
from made
order by n;

-- As if many transactions had written them: what is folded is found by comparing transactions.
insert into case_event (
    case_id, version, feed_xid, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day, category_id, prev_category_id,
    action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role, imported, actor_id, actor_name
)
select
    id, 1, (3 + n * 500 / :count)::text::xid8, md5('r' || n)::uuid, n, at, at, grid, day, category, category, 1, 0, 1, 0, 0, 1, 0, 1, false,
    '01900000-0000-7000-8000-000000000001', '王丽'
from made
order by n;

update cell_position set (feed_xid, seq) = (select feed_xid, seq from case_event order by feed_xid desc, seq desc limit 1);
drop table bench_text;
create extension if not exists pg_trgm;
create index bench_trgm on case_file using gin (description gin_trgm_ops, address gin_trgm_ops);
vacuum analyze;
