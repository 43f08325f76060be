-- Begins a bulk run, or finds it. $1 id, $2 account, $3 hash, $4 action, $5 now. Index: bulk_run_pkey.
with begun as (
    insert into bulk_run (id, account_id, request_hash, action, started_at)
    values ($1::uuid, $2::uuid, $3::bigint, $4::smallint, $5::timestamptz)
    on conflict (id) do nothing
    returning id
)
select true as same, false as ready, 0 as total
from begun
union all
select r.account_id = $2::uuid and r.request_hash = $3::bigint, r.ready, r.total
from bulk_run r
where r.id = $1::uuid and not exists (select from begun)
