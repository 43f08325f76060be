-- Removes a report definition ($1) of its owner ($2), with its runs. Index: saved_report_pkey.
delete from saved_report s
where s.code = $1::text and s.owner_id = $2::uuid
returning s.code
