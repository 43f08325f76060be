-- Marks notices of an account read or unread; those that are not its own are left alone. Parameters $1 to $11 as in notice_list.sql,
-- $12 ids, $13 whether they are read from now on. One row: how many changed. Index: notice_pkey by way of the audience's.
with mine as (
    select i.id
    from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::integer, $10::bigint, $11::bigint) i
    where i.id = any ($12::bigint[]) and i.is_read <> $13::boolean
),
marked as (
    insert into notice_exception (account_id, notice_id, read)
    select $1::uuid, id, $13::boolean
    from mine
    on conflict (account_id, notice_id) do update set read = excluded.read
    returning 1
)
select count(*)::integer as changed from marked
