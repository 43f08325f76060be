-- An account's latest runs. $1 account. Index: bulk_run_account_idx.
select r.id, r.action, r.started_at, r.finished_at, r.total, r.done, r.failed
from bulk_run r
where r.account_id = $1::uuid and r.ready
order by r.started_at desc
limit 50
