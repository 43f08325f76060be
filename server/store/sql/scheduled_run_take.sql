-- Takes the earliest run that is due of an account's saved reports, for one caller alone: a period that was missed is made up for,
-- the latest three of each report. $1 account, $2 now, $3 lease end, $4 new id.
-- Rows: id, code, definition, first and last day, due. Index: saved_report_pkey, scheduled_run_period_key.
with days as (
    select s.code, s.definition, s.schedule, s.saved_at, s.at_minute,
        case s.schedule
            when 2 then business_day($2::timestamptz) - n.back
            when 3 then date_trunc('week', business_day($2::timestamptz))::date - 7 * n.back
            else (date_trunc('month', business_day($2::timestamptz)) - make_interval(months => n.back))::date
        end as day
    from saved_report s
    cross join generate_series(0, 3) n (back)
    where s.owner_id = $1::uuid and s.schedule > 1
),
due as (
    select d.code, d.definition,
        case d.schedule
            when 2 then d.day - 1
            when 3 then d.day - 7
            else (d.day - interval '1 month')::date
        end as period_from,
        d.day - 1 as period_to,
        (d.day + make_interval(mins => d.at_minute)) at time zone interval '8 hours' as due_at
    from days d
    where (d.day + make_interval(mins => d.at_minute)) at time zone interval '8 hours' between d.saved_at and $2::timestamptz
),
first as (
    select d.*
    from due d
    where not exists (
        select from scheduled_run r
        where r.code = d.code and r.period_from = d.period_from and r.period_to = d.period_to
            and (r.finished_at is not null or r.lease_until > $2::timestamptz)
    )
    order by d.due_at, d.code
    limit 1
),
taken as (
    insert into scheduled_run as r (id, code, period_from, period_to, due_at, taken_by, lease_until)
    select $4::uuid, f.code, f.period_from, f.period_to, f.due_at, $1::uuid, $3::timestamptz
    from first f
    on conflict (code, period_from, period_to) do update set
        id = excluded.id,
        taken_by = excluded.taken_by,
        lease_until = excluded.lease_until
    where r.finished_at is null and r.lease_until <= $2::timestamptz
    returning r.id, r.code, r.period_from, r.period_to, r.due_at
)
select t.id, t.code, f.definition, t.period_from, t.period_to, t.due_at
from taken t
join first f on f.code = t.code
