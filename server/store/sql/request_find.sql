-- What a request did, if it was done. $1 idempotency key. Index: case_event_request_key.
select case_id, version, request_hash
from case_event
where request_id = $1::uuid
