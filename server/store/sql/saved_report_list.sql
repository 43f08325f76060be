-- Saved reports an account sees: its own ($1), and shared ones of regions in $2..$3; of one code ($4) or all (null).
-- Index: saved_report_pkey.
select s.code, s.owner_id, s.owner_name, s.region_code, s.shared, s.definition
from saved_report s
where (s.owner_id = $1::uuid or (s.shared and s.region_code between $2::bigint and $3::bigint))
    and ($4::text is null or s.code = $4::text)
order by s.code
limit 500
