-- Adds items to a run whose set is not complete. $1 run, $2 position of the first, $3 cases. Twice the same is harmless.
-- Index: bulk_item_pkey.
insert into bulk_item (bulk_id, position, case_id)
select $1::uuid, $2::integer + x.ordinality - 1, x.case_id
from unnest($3::uuid[]) with ordinality as x (case_id, ordinality)
where exists (select from bulk_run r where r.id = $1::uuid and not r.ready)
on conflict (bulk_id, position) do update set case_id = excluded.case_id
