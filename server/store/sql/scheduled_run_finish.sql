-- Ends a run that was taken: $1 id, $2 account, $3 now, $4 files, $5 why it failed or "". A failed one is due again.
-- Index: scheduled_run_pkey.
update scheduled_run r set
    finished_at = case when $5::text = '' then $3::timestamptz end,
    files = $4::text[],
    failed = nullif($5::text, ''),
    lease_until = $3::timestamptz
where r.id = $1::uuid and r.taken_by = $2::uuid and r.finished_at is null
returning r.code
