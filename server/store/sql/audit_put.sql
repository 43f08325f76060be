-- Adds audit rows, all or nothing; one that is there already stays. Arrays: $1 key, $2 at, $3 kind, $4 account, $5 login, $6 name,
-- $7 role, $8 call, $9 object, $10 rule, $11 text, $12 peer.
insert into audit_row (key, at, kind, account_id, login, name, role, call, object, rule, text, peer)
select r.key, r.at, r.kind, r.account_id, r.login, r.name, r.role, r.call, r.object, r.rule, r.text, r.peer
from unnest(
    $1::uuid[], $2::timestamptz[], $3::smallint[], $4::uuid[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[]
) as r (key, at, kind, account_id, login, name, role, call, object, rule, text, peer)
on conflict (key) do nothing
