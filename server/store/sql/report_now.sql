-- The latest as-of instant that can't change any more: now, less the age of the oldest write still under way on any worker.
-- $1 now by the server's clock.
select $1::timestamptz - coalesce(max(clock_timestamp() - a.xact_start) + interval '5 milliseconds', interval '0') as as_of
from pg_stat_activity a
where a.backend_xid is not null and a.datname = current_database() and a.pid <> pg_backend_pid()
