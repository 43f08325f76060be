-- Frozen reports, latest first. $1 code or "", $2 $3 keyset (frozen at, id) or null, $4 limit.
-- Index: frozen_report_list_idx.
select :frozen_columns
from frozen_report f
where ($1::text = '' or f.code = $1::text)
    and ($2::timestamptz is null or (f.frozen_at, f.id) < ($2::timestamptz, $3::uuid))
order by f.frozen_at desc, f.id desc
limit $4::integer
