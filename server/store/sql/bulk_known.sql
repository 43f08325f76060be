-- Which of a page's items happened: their keys, versions and states. $1 keys. Index: case_event_request_key.
select e.request_id, e.version, e.to_state
from case_event e
where e.request_id = any ($1::uuid[])
