-- The latest as-of instant that cannot change any more: now, less the age of the oldest write still under way on any worker. Runs as
-- its owner: a role that only reads cannot see how long other sessions have been writing. The owner is a superuser, or a member of
-- the role that serves (wangged migrate --serve-as sees to it, and the server refuses to start otherwise).
create or replace function report_settled(at timestamptz) returns timestamptz
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select at - coalesce(max(clock_timestamp() - a.xact_start) + interval '5 milliseconds', interval '0')
    from pg_stat_activity a
    where a.backend_xid is not null and a.datname = current_database() and a.pid <> pg_backend_pid()
        -- Folding writes cells, never an event.
        and a.application_name <> 'wangge cell_roll'
$$;
comment on function report_settled(timestamptz) is 'The latest as-of instant that no write under way can still change.';
