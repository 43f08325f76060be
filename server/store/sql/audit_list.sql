-- A page of the audit, newest first. $1 from or null, $2 to or null, $3 kind or 0, $4 login or '', $5 object or '', $6 $7 instant and id
-- after which to go on, or null, $8 limit, $9 rule or ''. Index: audit_row_at_idx, audit_row_login_idx or audit_row_object_idx.
select
    r.id, r.at, r.kind, r.login, r.name, r.role, r.call, r.object, r.rule, r.text, r.peer
from audit_row r
where ($1::timestamptz is null or r.at >= $1::timestamptz)
    and ($2::timestamptz is null or r.at < $2::timestamptz)
    and ($3::smallint = 0 or r.kind = $3::smallint)
    and ($4::text = '' or r.login = $4::text)
    and ($5::text = '' or r.object = $5::text)
    and ($9::text = '' or r.rule = $9::text)
    and ($6::timestamptz is null or (r.at, r.id) < ($6::timestamptz, $7::bigint))
order by r.at desc, r.id desc
limit $8::integer
