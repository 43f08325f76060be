-- Moves cases to the next change of their lights and tells what changed: each exactly once, because only the move makes the notices and
-- only one worker can move a case from where it stood. Cases that changed meanwhile, or are being written, are left for the next time.
-- Arrays, one element a case: $1 id, $2 version, $3 where it stood, $4 where it stands next or null; one element a notice: $5 case,
-- $6 kind, $7 when, $8 clock, $9 its due time, $10 organ or null, $11 roles, $12 grid or null, $13 level of the audience's region or null.
-- One row: how many cases moved, how many notices were made. Indexes: case_file_pkey, account_region_role_idx.
with w as (
    select u.*
    from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[]) as u (case_id, version, stood_at, next_at)
),
-- The lock below which notices get their ids.
pos as materialized (
    select one from notice_position for update
),
held as materialized (
    select c.id, w.next_at
    from pos
    cross join w
    join case_file c on c.id = w.case_id
    where c.version = w.version and c.next_light_at = w.stood_at
    order by c.id
    for update of c skip locked
),
moved as (
    update case_file c
    set next_light_at = h.next_at
    from held h
    where c.id = h.id
    returning c.id
),
made as (
    insert into notice (kind, case_id, event_version, action, at, approval, clock, due_at, organ_id, region_code, roles)
    select
        n.kind, n.case_id, 0, 0, n.at, 0, n.clock, n.due_at, n.organ_id,
        case when n.from_level is not null then notice_region(n.grid_code, n.from_level, n.roles) end,
        n.roles
    from moved m
    join unnest(
        $5::uuid[], $6::smallint[], $7::timestamptz[], $8::smallint[], $9::timestamptz[], $10::integer[], $11::integer[],
        $12::bigint[], $13::integer[]
    ) as n (case_id, kind, at, clock, due_at, organ_id, roles, grid_code, from_level) on n.case_id = m.id
    order by n.at, n.case_id
    on conflict do nothing
    returning 1 as one
)
select (select count(*) from moved)::integer as moved, (select count(*) from made)::integer as made
