-- Parts of a frozen report ($1) after a number ($2), at most $3. Index: frozen_report_part_pkey.
select p.number, p.part
from frozen_report_part p
where p.report_id = $1::uuid and p.number > $2::integer
order by p.number
limit $3::integer
