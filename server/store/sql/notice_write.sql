-- Writes the notices of a page of events and moves the position from where the page began to where it ended; if somebody else moved
-- it meanwhile, nothing happens. The position's row is the lock below which notices get their ids.
-- $1 $2 from, $3 $4 to (transaction and position). Arrays, one element a notice: $5 kind, $6 case, $7 event's version, $8 when,
-- $9 approval, $10 account or null, $11 organ or null, $12 roles, $13 grid or null, $14 level of the audience's region or null,
-- $15 action, $16 to $19 actor (id, name, role, organ), $20 true: instead of the case's reporter, those of every case merged into it.
-- One row: whether the position was moved, and how many notices were made. Indexes: case_file_merged_idx, account_region_role_idx.
with moved as (
    update notice_position
    set feed_xid = $3::text::xid8, seq = $4::bigint
    where feed_xid = $1::text::xid8 and seq = $2::bigint
    returning 1 as one
),
w as (
    select u.*
    from unnest(
        $5::smallint[], $6::uuid[], $7::integer[], $8::timestamptz[], $9::smallint[], $10::uuid[], $11::integer[], $12::integer[],
        $13::bigint[], $14::integer[], $15::smallint[], $16::uuid[], $17::text[],
        $18::smallint[], $19::integer[], $20::boolean[]
    ) with ordinality as u (
        kind, case_id, event_version, at, approval, account_id, organ_id, roles, grid_code, from_level, action, actor_id, actor_name,
        actor_role, actor_organ_id, of_merged, nth
    )
),
made as (
    insert into notice (
        kind, case_id, event_version, action, actor_id, actor_name, actor_role, actor_organ_id, through_id, through_number, at, approval,
        clock, account_id, organ_id, region_code, roles
    )
    select
        x.kind, x.case_id, x.event_version, x.action, x.actor_id, x.actor_name, x.actor_role, x.actor_organ_id, x.through_id, x.through_number, x.at, x.approval, 0, x.account_id, x.organ_id,
        x.region_code, x.roles
    from moved
    cross join (
        select
            w.nth, w.kind, w.case_id, w.event_version, w.action, w.actor_id, w.actor_name, w.actor_role, w.actor_organ_id,
            null::uuid as through_id, null::bigint as through_number, w.at, w.approval, w.account_id, w.organ_id,
            case when w.from_level is not null then notice_region(w.grid_code, w.from_level, w.roles) end as region_code,
            w.roles
        from w
        where not w.of_merged
        union all
        select
            w.nth, w.kind, m.id, w.event_version, w.action, null, null, null, null, w.case_id, l.number, w.at, w.approval, m.reporter_id,
            null, null, 0
        from w
        join case_file l on l.id = w.case_id
        join case_file m on m.merged_into = w.case_id
        where w.of_merged
    ) x
    order by x.nth
    returning 1 as one
)
select exists (select from moved) as moved, (select count(*) from made)::integer as made
