-- session_touch
-- Notes that a session or a credential was used. $1 hash, $2 now.
with touched as (
    update session set last_seen_at = $2::timestamptz
    where token_hash = $1::bytea and last_seen_at < $2::timestamptz
)
update account_credential set last_used_at = date_trunc('minute', $2::timestamptz)
where hash = $1::bytea and last_used_at is distinct from date_trunc('minute', $2::timestamptz)
