-- Replaces the people of a case: all of it or nothing, once per request, with its audit row. A repeat changes nothing.
-- Arrays, one element a person: $1 position, $2 kind, $3 hidden, $4 name, $5 phone, $6 ID number, $7 address (sealed), $8 $9 $10 blind
-- hashes. $11 case, $12 request, $13 its hash, $14 account, $15 now, $16 login, $17 name, $18 role, $19 call, $20 text, $21 peer.
--
-- The case must be open: it is locked against the step that would close it. One row: a SQLSTATE (00000 done or done before, WG409 the
-- key is used with another body, WG410 there is no such open case).
-- Indexes: people_change_pkey, case_file_pkey, case_person_pkey.
with open_case as materialized (
    select c.id, c.grid_code
    from case_file c
    where c.id = $11::uuid and c.state <= 9
    for share
),
change as materialized (
    insert into people_change (request_id, request_hash, case_id, account_id, at)
    select $12::uuid, $13::bigint, o.id, $14::uuid, $15::timestamptz
    from open_case o
    on conflict (request_id) do nothing
    returning case_id
),
given as materialized (
    select g.*, o.grid_code
    from change
    join open_case o on o.id = change.case_id
    cross join unnest(
        $1::smallint[], $2::smallint[], $3::boolean[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bigint[], $9::bigint[],
        $10::bigint[]
    ) as g (position, kind, hidden, name, phone, id_number, address, name_blind, phone_blind, id_blind)
),
put as (
    insert into case_person (
        case_id, position, grid_code, kind, hidden, name, phone, id_number, address, name_blind, phone_blind, id_blind
    )
    select
        $11::uuid, g.position, g.grid_code, g.kind, g.hidden, g.name, g.phone, g.id_number, g.address, g.name_blind, g.phone_blind,
        g.id_blind
    from given g
    on conflict (case_id, position) do update set
        kind = excluded.kind,
        hidden = excluded.hidden,
        name = excluded.name,
        phone = excluded.phone,
        id_number = excluded.id_number,
        address = excluded.address,
        name_blind = excluded.name_blind,
        phone_blind = excluded.phone_blind,
        id_blind = excluded.id_blind
),
dropped as (
    delete from case_person p
    using change
    where p.case_id = change.case_id and p.position >= coalesce(array_length($1::smallint[], 1), 0)
),
audited as (
    insert into audit_row (key, at, kind, account_id, login, name, role, call, object, rule, text, peer)
    select
        $12::uuid, $15::timestamptz, 6, $14::uuid, $16::text, $17::text, $18::smallint, $19::text, change.case_id::text, '', $20::text,
        $21::text
    from change
)
select
    case
        when exists (select from change) then '00000'
        when p.request_id is not null and p.request_hash = $13::bigint and p.case_id = $11::uuid then '00000'
        when p.request_id is not null then 'WG409'
        when exists (select from open_case) then 'WG409'
        else 'WG410'
    end as sqlstate
from (select 1) as one
left join people_change p on p.request_id = $12::uuid
