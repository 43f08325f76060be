-- Earlier versions did not know sources; two functions of one name would be ambiguous.
drop function if exists inbox(uuid, integer, integer, bigint, bigint, bigint, integer, uuid, bigint, bigint);

-- The notices of one account, with what may be shown of their cases: those whose audience it belongs to, which it did not cause
-- itself, about cases it may see now (region interval; organ that leads or helps; reporter; source). before and after bound the ids.
-- One branch an audience, each in the order of its own index, so that they are merged and a page ends the reading.
create or replace function inbox(
    account uuid, organ integer, role integer, region bigint, region_lo bigint, region_hi bigint, seen_by_organ integer, reporter uuid,
    source integer, after_id bigint, before_id bigint
) returns table (
    id bigint, kind smallint, case_id uuid, event_version integer, at timestamptz, approval smallint, due_at timestamptz,
    through_number bigint, number bigint, state smallint, case_due_at timestamptz, description text, is_read boolean,
    action smallint, actor_id uuid, actor_name text, actor_role smallint, actor_organ_id integer, grid_code bigint
)
language sql
stable
as $$
    select
        n.id, n.kind, n.case_id, n.event_version, n.at, n.approval, n.due_at, n.through_number, c.number, c.state, c.due_at,
        c.description, coalesce(x.read, n.id <= coalesce(m.up_to, 0)),
        n.action,
        -- The reporter of a confidential case (flag 512) is not named to anybody here.
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_id end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_name end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_role end,
        case when c.flags & 512 = 0 or n.actor_id <> c.reporter_id then n.actor_organ_id end,
        c.grid_code
    from (
        select u.*
        from (
            (select a.* from notice a where a.account_id = $1 and a.id > $10 and a.id < $11 order by a.id desc)
            union all
            (
                select o.* from notice o
                where o.organ_id = $2 and (o.roles = 0 or (o.roles >> $3) & 1 = 1) and o.id > $10 and o.id < $11
                order by o.id desc
            )
            union all
            (
                select r.* from notice r
                where r.region_code = $4 and (r.roles >> $3) & 1 = 1 and r.id > $10 and r.id < $11
                order by r.id desc
            )
        ) u
        order by u.id desc
    ) n
    join case_file c on c.id = n.case_id
    left join notice_mark m on m.account_id = $1
    left join notice_exception x on x.account_id = $1 and x.notice_id = n.id
    where c.grid_code between $5 and $6
        and ($7 is null or c.organ_id = $7 or $7 = any (c.co_organ_ids))
        and ($8 is null or c.reporter_id = $8)
        and ($9 is null or c.source_id = $9)
        and n.actor_id is distinct from $1
$$;
comment on function inbox is 'The notices of an account, as far as it may see their cases now.';

-- The region whose people a level's notice is for: the lowest one at or above from_level that holds the grid and in which an account of
-- one of the roles belongs; that of from_level itself if there is nobody.
create or replace function notice_region(grid bigint, from_level integer, role_mask integer) returns bigint
language sql
stable
as $$
    select coalesce(
        (
            select a.region_code
            from account a
            where a.region_code in (
                    select region_at_level(grid, l) from generate_series(1, from_level) l
                )
                and (role_mask >> a.role) & 1 = 1
                and not a.disabled
            order by a.region_level desc
            limit 1
        ),
        region_at_level(grid, from_level)
    )
$$;
comment on function notice_region is 'Whose notice it is, of those who hold a role at or above a level.';
