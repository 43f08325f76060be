-- SPDX-License-Identifier: MIT
-- Cases that were there before: :count of them, spread evenly over the three years before today and over all grids, four in five
-- closed, each with its events; then folded into the report cells by the server's own function. Run with fresh tables only.
set synchronous_commit = off;
set maintenance_work_mem = '1GB';
set work_mem = '256MB';
set session_replication_role = replica; -- the rows refer to what is there; checking each would take most of the time

create or replace procedure bench_preload(wanted integer)
language plpgsql
as $$
declare
    chunk constant integer := 200000;
    first_day constant date := current_date - 1095;
    done integer := 0;
    grid_count integer;
    category smallint;
begin
    select count(*) into strict grid_count from bench_grid;
    select min(id) into strict category from category where counted;
    while done < wanted loop
        with c as (
            select
                i,
                g.code,
                (first_day + (i::bigint * 1095 / wanted)::integer) + time '09:00' + (i % 28800) * interval '1 second' as at,
                i % 5 <> 0 as closed
            from generate_series(done, least(done + chunk, wanted) - 1) i
            join bench_grid g on g.n = 1 + (i::bigint * 7919) % grid_count
        ),
        ids as (
            select
                c.*,
                (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
                    || substr(md5('c' || i), 1, 3) || '8' || substr(md5('c' || i), 4, 15))::uuid as id
            from c
        ),
        files as (
            insert into case_file (
                id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level, reporter_id, flags,
                round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, due_at, closed_at,
                gate_data, reporter_name, address, description
            )
            select
                id, 220000000000000000 + i, case when closed then 2 else 1 end, case when closed then 10 else 1 end, 0, code,
                category, 1, 1, 1, '01900000-0000-7000-8000-000000000001', 0, 1, 0, 0, business_day(at), at, at, at,
                case when closed then null else at + interval '15 minutes' end, case when closed then at end,
                decode(repeat('00', 56), 'hex'), '王丽', '解放路与西苑街口西北角', '小区东门外堆放建筑垃圾约两车,影响通行 (' || i || ')'
            from ids
        )
        insert into case_event (
            case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day, category_id,
            prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role, imported,
            actor_id, actor_name, text
        )
        -- measures: 0 reported, 2 valid, 3 closed, 4 self-closed are stocks; 5 closings is an act
        select
            id, v, md5('r' || i || '-' || v)::uuid, i, at, at, code, business_day(at), category, category,
            case when v = 1 then 1 else 2 end, case when v = 1 then 0 else 1 end, case when v = 1 then 1 else 10 end, 0,
            case when v = 1 then 0 else 1 end, case when v = 1 then 1 else 29 end, case when v = 1 then 0 else 32 end, 1, false,
            '01900000-0000-7000-8000-000000000001', '王丽', case when v = 2 then '当场处理' end
        from ids cross join generate_series(1, case when closed then 2 else 1 end) v;
        commit;
        done := done + chunk;
    end loop;
    loop
        exit when cell_roll(2000000) <= 0;
        commit;
    end loop;
end
$$;
call bench_preload(:count);
drop procedure bench_preload;
vacuum analyze;
