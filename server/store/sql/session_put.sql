-- Opens a session after a good password: forgets the failures, drops the account's expired sessions.
-- $1 token hash, $2 account, $3 now, $4 expiry, $5 idle limit in seconds.
with ended as (
    delete from session
    where account_id = $2::uuid and (expires_at <= $3::timestamptz or last_seen_at + make_interval(secs => $5::integer) <= $3::timestamptz)
),
cleared as (
    update account set failed_logins = 0, locked_until = null
    where id = $2::uuid and (failed_logins > 0 or locked_until is not null)
)
insert into session (token_hash, account_id, created_at, expires_at, last_seen_at)
values ($1::bytea, $2::uuid, $3::timestamptz, $4::timestamptz, $3::timestamptz)
