-- A frozen report by its id ($1) or by the request that froze it ($2).
-- Index: frozen_report_pkey, frozen_report_request_key.
select :frozen_columns
from frozen_report f
where f.id = $1::uuid or f.request_id = $2::uuid
