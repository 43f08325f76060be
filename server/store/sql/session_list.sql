-- session_list
-- Open sessions of an account, newest first. $1 login, $2 now, $3 idle limit in seconds, $4 the caller's hash. Index: session_account_idx.
select s.id, a.login, s.created_at, s.last_seen_at, s.expires_at, s.token_hash = $4::bytea as current, s.peer
from session s
join account a on a.id = s.account_id
where a.login = $1::text and s.expires_at > $2::timestamptz and s.last_seen_at + make_interval(secs => $3::integer) > $2::timestamptz
order by s.created_at desc, s.id
limit 500
