-- Records a look at personal data before it is answered, and says under which number. $1 key, $2 at, $3 account, $4 login, $5 name,
-- $6 role, $7 call, $8 object, $9 purpose, $10 peer. 1: AUDIT_KIND_REVEAL.
insert into audit_row (key, at, kind, account_id, login, name, role, call, object, rule, text, peer)
values ($1::uuid, $2::timestamptz, 1, $3::uuid, $4::text, $5::text, $6::smallint, $7::text, $8::text, '', $9::text, $10::text)
returning id
