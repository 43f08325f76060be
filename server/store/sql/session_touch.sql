-- Notes that a session was used. $1 token hash, $2 now.
update session set last_seen_at = $2::timestamptz
where token_hash = $1::bytea and last_seen_at < $2::timestamptz
