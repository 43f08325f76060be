-- Who a token belongs to. $1 token hash. Index: session_pkey.
select
    a.id, a.login, a.name, a.role, a.region_code, a.region_level, a.organ_id, a.disabled, s.created_at, s.expires_at, s.last_seen_at
from session s
join account a on a.id = s.account_id
where s.token_hash = $1::bytea
