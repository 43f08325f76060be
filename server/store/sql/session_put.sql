-- session_put
-- Opens a session after a good password: forgets the failures, drops the account's expired sessions. No row: the one-time code was used already,
-- or the account was disabled meanwhile.
-- $1 token hash, $2 account, $3 now, $4 expiry, $5 idle limit in seconds, $6 time step of the one-time code (0: none), $7 peer.
with ended as (
    delete from session
    where account_id = $2::uuid and (expires_at <= $3::timestamptz or last_seen_at + make_interval(secs => $5::integer) <= $3::timestamptz)
),
cleared as (
    update account set failed_logins = 0, locked_until = null, last_login_at = $3::timestamptz,
        totp_step = greatest(totp_step, $6::bigint)
    where id = $2::uuid and not disabled and ($6::bigint = 0 or totp_step < $6::bigint)
    returning id
)
insert into session (token_hash, account_id, created_at, expires_at, last_seen_at, peer)
select $1::bytea, id, $3::timestamptz, $4::timestamptz, $3::timestamptz, $7::text
from cleared
returning token_hash
