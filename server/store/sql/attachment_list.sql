-- The whole attachments of a case, oldest first. $1 case. Columns as attachment_get. Index: attachment_case_idx, case_event_request_key.
select
    a.id, a.case_id, a.grid_code, a.uploader_id, a.uploader_name, a.uploader_role, a.name, a.kind, a.size, a.sha256, a.taken_at,
    a.latitude, a.longitude, a.uploaded_at, a.complete, a.received, coalesce(e.version, 0) as event_version,
    attachment_reused(a.sha256, a.case_id) as reused
from attachment a
left join case_event e on e.request_id = a.request_id and e.case_id = a.case_id
where a.case_id = $1::uuid and a.complete
order by a.uploaded_at, a.id
limit 100
