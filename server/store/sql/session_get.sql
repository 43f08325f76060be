-- session_get
-- Who a session's token, a service account's token or a certificate belongs to. $1 hash, $2 now. Indexes: session_pkey, account_credential_hash_key.
select
    a.id, a.login, a.name, a.role, a.region_code, a.region_level, a.organ_id, a.disabled, s.created_at, s.expires_at, s.last_seen_at,
    0::smallint as kind,
    a.must_change or (p.max_age_days > 0 and a.role <> 11
        and a.password_changed_at + make_interval(days => p.max_age_days) <= $2::timestamptz) as must_change,
    a.source_code, o.id as source_id
from session s
join account a on a.id = s.account_id
left join source o on o.code = a.source_code
cross join password_policy p
where s.token_hash = $1::bytea
union all
select
    a.id, a.login, a.name, a.role, a.region_code, a.region_level, a.organ_id, a.disabled, c.created_at, c.expires_at, c.last_used_at,
    c.kind, false, a.source_code, o.id
from account_credential c
join account a on a.id = c.account_id
left join source o on o.code = a.source_code
where c.hash = $1::bytea
