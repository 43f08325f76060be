-- SPDX-License-Identifier: MIT
-- :count cases over the three years before this month, spread evenly over days, grids and categories: nine in ten settled on the spot, the
-- others sent through a unit (one in ten of these fed back late, one in fifteen still open, most of those overdue). Every row is what the server
-- would have written: verify() agrees. Then folded into the cells by the server's own function; and the opponents' flat table.
-- Run with fresh tables only.
set synchronous_commit = off;
set maintenance_work_mem = '1GB';
set work_mem = '256MB';
set session_replication_role = replica; -- the rows refer to what is there; checking each would take most of the time

create temp table bench_grid as
select row_number() over (order by code) - 1 as n, code from region where level = 5;
create temp table bench_category as
select row_number() over (order by id) - 1 as n, id from category where counted;
create temp table bench_organ as
select row_number() over (order by id) - 1 as n, id from organ;
create index on bench_grid (n);
analyze bench_grid;

create or replace procedure bench_fill(wanted bigint)
language plpgsql
as $$
declare
    chunk constant bigint := 200000;
    last_day constant date := date_trunc('month', current_date)::date;
    first_day constant date := (date_trunc('month', current_date) - interval '3 years')::date;
    days constant integer := last_day - first_day;
    grids constant integer := (select count(*) from bench_grid);
    categories constant integer := (select count(*) from bench_category);
    organs constant integer := (select count(*) from bench_organ);
    nobody constant uuid := '01900000-0000-7000-8000-000000000001';
    done bigint := 0;
begin
    while done < wanted loop
        create temp table made on commit drop as
        select
            i,
            g.code as grid,
            c.id as category,
            o.id as organ,
            (first_day + (i * days / wanted)::integer) + time '00:30' + (i * 37 % 28800) * interval '1 second' as at, -- UTC: 08:30 to 16:30
            case when i % 10 <> 3 then 0 when i % 150 = 3 then 2 else 1 end as way, -- 0 on the spot, 1 closed by a unit, 2 still open
            i % 100 = 13 as late
        from generate_series(done, least(done + chunk, wanted) - 1) i
        join bench_grid g on g.n = i * 7919 % grids
        join bench_category c on c.n = i * 31 % categories
        join bench_organ o on o.n = i * 17 % organs;
        create temp table ids on commit drop as
        select
            m.*, business_day(m.at) as day,
            m.at + interval '5 days' as due,
            (lpad(to_hex((extract(epoch from m.at) * 1000)::bigint), 12, '0') || '7' || substr(md5('c' || m.i), 1, 3) || '8'
                || substr(md5('c' || m.i), 4, 15))::uuid as id
        from made m;
        insert into case_file (
            id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level, organ_id, reporter_id, flags, round,
            return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, due_at, feedback_at, closed_at, figure_due_at,
            reporter_name, address, description
        )
        select
            id, 220000000000000000 + i, case way when 0 then 1 when 1 then 6 else 4 end, case way when 2 then 5 else 10 end, 0, grid,
            category, 1, 1, 1, case when way > 0 then organ end, nobody,
            case way when 0 then 7 else 3 end | case when way = 1 then 8192 else 0 end | case when way = 1 and late then 32 else 0 end, 1, 0, 0,
            day, at, at, at, case way when 2 then due end,
            case way when 1 then at + case when late then interval '7 days' else interval '2 days' end end,
            case way when 0 then at when 1 then at + interval '8 days' end, case way when 2 then due end, '王丽', '解放路与西苑街口',
            '小区东门外堆放建筑垃圾约两车 (' || i || ')'
        from ids;
        insert into case_event (
            case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day, category_id, prev_category_id,
            organ_id, prev_organ_id, action, from_state, to_state, check_result, stock_before, stock_after, flow, more_before, more_after,
            handle_due_before, handle_due_after, actor_role, imported, actor_id, actor_name
        )
        select
            d.id, s.version, md5('r' || d.i || '-' || s.version)::uuid, d.i, d.at + s.after, d.at + s.after, d.grid, d.day, d.category, d.category,
            case when s.has_organ then d.organ end, case when s.had_organ then d.organ end, s.action, s.from_state, s.to_state, 0,
            s.stock_before,
            -- Closed: on time or late.
            s.stock_after + case when s.version = 6 then case when d.late then 65536 else 32768 end else 0 end, s.flow,
            nullif(s.more_before + case when s.version = 6 then case when d.late then 64 else 40 end else 0 end, 0),
            nullif(s.more_after + case when s.version = 5 then case when d.late then 64 else 40 end
                when s.version = 6 and not d.late then 8 else 0 end, 0),
            case when s.version in (4, 5) or (s.version = 6 and not d.late) then d.due end,
            case when s.version in (3, 4) or (s.version = 5 and not d.late) then d.due end,
            1, false, nobody, '王丽'
        from ids d
        -- way, version, action, from, to, delay, stocks, acts, more; more: fed back ever 1, handled 4, unhandled 16, closed within the overall limit 128
        join (values
            (0, 1, 2, 0, 10, interval '0', 0, 131101, 34, 0, 0, false, false),
            (1, 1, 1, 0, 1, interval '0', 0, 1, 0, 0, 0, false, false),
            (1, 2, 6, 1, 3, interval '10 minutes', 1, 5, 2, 0, 16, false, false),
            (1, 3, 9, 3, 4, interval '20 minutes', 5, 5, 8192, 16, 16, false, true),
            (1, 4, 11, 4, 5, interval '1 hour', 5, 5, 0, 16, 16, true, true),
            (1, 5, 18, 5, 7, interval '2 days', 5, 5, 262144, 16, 5, true, true),
            (1, 6, 22, 7, 10, interval '8 days', 5, 13, 32, 5, 133, true, true),
            (2, 1, 1, 0, 1, interval '0', 0, 1, 0, 0, 0, false, false),
            (2, 2, 6, 1, 3, interval '10 minutes', 1, 5, 2, 0, 16, false, false),
            (2, 3, 9, 3, 4, interval '20 minutes', 5, 5, 8192, 16, 16, false, true),
            (2, 4, 11, 4, 5, interval '1 hour', 5, 5, 0, 16, 16, true, true)
        ) s (way, version, action, from_state, to_state, after, stock_before, stock_after, flow, more_before, more_after, had_organ, has_organ)
            on s.way = d.way;
        commit;
        done := done + chunk;
        if done % 2000000 = 0 then
            raise notice '% cases', done;
        end if;
    end loop;
    loop
        exit when cell_roll(1000000) <= 0;
        commit;
    end loop;
end
$$;
call bench_fill(:count);
drop procedure bench_fill;

-- The opponents' rows: one a case, as it stands, nothing to join.
create unlogged table bench_flat as
select
    c.grid_code, c.grid_code / 1000000 * 1000000 as township, c.category_id, c.cohort_day,
    case when c.flags & 2 <> 0 then 1 else 0 end::smallint as valid, case when c.state = 10 then 1 else 0 end::smallint as closed
from case_file c;
create index bench_flat_day on bench_flat (cohort_day, township) include (valid, closed);
create index bench_flat_category on bench_flat (cohort_day, category_id) include (valid, closed);
create index bench_flat_grid on bench_flat (grid_code, cohort_day) include (valid, closed);
vacuum analyze;
