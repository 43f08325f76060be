-- Unread notices of an account by kind, the newest 10,000 of them. Parameters as the first ten of notice_list.sql.
select u.kind, count(*)::integer as unread
from (
    select i.kind
    from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::bigint, $10::bigint) i
    where not i.is_read
    order by i.id desc
    limit 10000
) u
group by u.kind
order by u.kind
