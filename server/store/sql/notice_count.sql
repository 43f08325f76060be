-- Unread notices of an account by kind, the newest 1,000 of them. Parameters as the first nine of notice_list.sql; the
-- bounds are constants, so that also a plan for any account knows how many there are and stops at the thousandth.
select u.kind, count(*)::integer as unread
from (
    select i.kind
    from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::integer, 0, 9223372036854775807) i
    where not i.is_read
    order by i.id desc
    limit 1000
) u
group by u.kind
order by u.kind
