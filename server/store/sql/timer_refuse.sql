-- Notes the cases at which the gate refused a step. Arrays: $1 cases, $2 versions; $3 action, $4 when to try again. Forgets a hundred of
-- those whose time has passed. Indexes: timer_refusal_pkey, timer_refusal_again_idx.
with old as (
    delete from timer_refusal
    where (case_id, action) in (
        select r.case_id, r.action from timer_refusal r
        where r.again_at < $4::timestamptz - interval '1 day'
        order by r.again_at
        limit 100
    )
)
insert into timer_refusal as t (case_id, action, version, again_at)
select u.case_id, $3::smallint, u.version, $4::timestamptz
from unnest($1::uuid[], $2::integer[]) as u (case_id, version)
on conflict (case_id, action) do update set version = excluded.version, again_at = excluded.again_at
