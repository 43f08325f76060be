-- Marks everything up to a notice read, exceptions included. Parameters $1 to $11 as in notice_list.sql ($11 lies one above the notice).
-- One row: how many of the newest 1,000 unread ones changed. Index: notice_mark_pkey, notice_exception_pkey.
with changed as (
    select i.id
    from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::integer, $10::bigint, $11::bigint) i
    where not i.is_read
    order by i.id desc
    limit 1000
),
mark as (
    insert into notice_mark as m (account_id, up_to)
    values ($1::uuid, $11::bigint - 1)
    on conflict (account_id) do update set up_to = greatest(m.up_to, excluded.up_to)
),
forgotten as (
    delete from notice_exception
    where account_id = $1::uuid and notice_id < $11::bigint
)
select count(*)::integer as changed from changed
