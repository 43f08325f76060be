-- The row of an administrative act, sent behind the act in its own transaction: written exactly if the act has changed something. An
-- act that knows more than its caller (whose session it was, how many rows) says so in the settings wangge.audit_object and
-- wangge.audit_note of the transaction. $1 key, $2 at, $3 kind, $4 account, $5 login, $6 name, $7 role, $8 call, $9 object, $10 text, $11 peer.
insert into audit_row (key, at, kind, account_id, login, name, role, call, object, rule, text, peer)
select
    $1::uuid, $2::timestamptz, $3::smallint, $4::uuid, $5::text, $6::text, $7::smallint, $8::text,
    coalesce(nullif(current_setting('wangge.audit_object', true), ''), $9::text), '',
    left($10::text || coalesce(current_setting('wangge.audit_note', true), ''), 400), $11::text
where pg_current_xact_id_if_assigned() is not null
