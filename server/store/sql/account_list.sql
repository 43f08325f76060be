-- account_list
-- Accounts by login. $1 first and $2 last code of the region's interval, $3 role (0: all), $4 text, a pattern or null, $5 after this login,
-- $6 at most, $7 one login or null, $8 now. Index: account_login_key.
select
    a.id, a.login, a.name, a.role, a.region_code, a.region_level, a.organ_id, a.disabled,
    case when a.locked_until > $8::timestamptz then a.locked_until end as locked_until,
    a.created_at, a.password_changed_at,
    a.must_change or (p.max_age_days > 0 and a.role <> 11
        and a.password_changed_at + make_interval(days => p.max_age_days) <= $8::timestamptz) as must_change,
    a.totp_sealed is not null as totp, a.last_login_at,
    (select count(*) from session s where s.account_id = a.id and s.expires_at > $8::timestamptz)::integer as sessions,
    a.source_code, a.person_code, a.xmin::text as row_version
from account a
cross join password_policy p
where a.region_code between $1::bigint and $2::bigint
    and ($3::smallint = 0 or a.role = $3::smallint)
    and ($4::text is null or a.login ilike $4::text or a.name ilike $4::text)
    and a.login > $5::text
    and ($7::text is null or a.login = $7::text)
order by a.login
limit $6::integer
