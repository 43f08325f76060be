-- Takes or keeps the work $1 for the worker $2 for $3 milliseconds, by the database's clock. No row: another one has it.
-- Index: timer_lease_pkey.
insert into timer_lease as l (job, holder, until)
values ($1::text, $2::uuid, clock_timestamp() + $3::integer * interval '1 millisecond')
on conflict (job) do update set holder = excluded.holder, until = excluded.until
where l.holder = excluded.holder or l.until < clock_timestamp()
returning l.job
