-- Makes attachments the evidence of a request that is about to be written. $1 ids, $2 case, $3 its grid, $4 request. Says how many could be:
-- whole, of this case, and not the evidence of a step that happened. A request that never makes an event leaves them free.
-- Index: attachment_pkey, case_event_request_key.
with claimed as (
    update attachment a set request_id = $4::uuid, grid_code = $3::bigint
    where a.id = any ($1::uuid[])
        and a.case_id = $2::uuid
        and a.complete
        and (
            a.request_id is null
            or a.request_id = $4::uuid
            or not exists (select from case_event e where e.request_id = a.request_id)
        )
    returning a.id
)
select count(*)::integer as claimed
from claimed
