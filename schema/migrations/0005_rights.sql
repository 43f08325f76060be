-- Purpose: the audit: who looked at personal data, who was refused, what administrators did. Only ever inserted into.
-- Locks: none on existing data. Backfill: none (nothing was recorded before). Rollback: drop table audit_row and its function.
--
-- Who may read and write which table, and row security, are in schema/grants.sql, which is run again whenever it changes.

create table audit_row (
    id bigint generated always as identity (cache 32),
    key uuid not null,
    at timestamptz not null,
    kind smallint not null,
    account_id uuid,
    login text not null,
    name text not null,
    role smallint not null,
    call text not null,
    object text not null,
    rule text not null,
    text text not null,
    peer text not null,
    constraint audit_row_pkey primary key (id),
    constraint audit_row_key_key unique (key),
    constraint audit_row_kind_check check (kind between 1 and 5)
);
comment on table audit_row is 'Looks at personal data, refusals, administrative acts, failed logins. Never changed, never deleted; no personal data of reporters or parties.';
comment on column audit_row.id is 'Order of arrival, with gaps.';
comment on column audit_row.key is 'Given by the server process, so that a row sent twice is kept once.';
comment on column audit_row.at is 'When it happened.';
comment on column audit_row.kind is 'As wangge.v1.AuditKind.';
comment on column audit_row.account_id is 'Who; null if not known.';
comment on column audit_row.login is 'Login of the account; empty if not known (what was typed at a failed login may be a password).';
comment on column audit_row.name is 'Display name at the time.';
comment on column audit_row.role is 'As wangge.v1.Role; 0 if not known.';
comment on column audit_row.call is 'Service and method.';
comment on column audit_row.object is 'What it was about: case id, login, code.';
comment on column audit_row.rule is 'Of a refusal: which rule.';
comment on column audit_row.text is 'Purpose of a look, or what was changed.';
comment on column audit_row.peer is 'Network address of the caller.';
create index audit_row_at_idx on audit_row (at, id);
create index audit_row_object_idx on audit_row (object, at) where object <> '';
create index audit_row_login_idx on audit_row (login, at) where login <> '';

create function audit_row_is_append_only() returns trigger
language plpgsql
as $$
begin
    raise exception 'audit rows are never changed or deleted' using errcode = 'WG901';
end
$$;
comment on function audit_row_is_append_only() is 'Refuses every change to what was recorded.';

create trigger audit_row_append_only
before update or delete or truncate on audit_row
for each statement execute function audit_row_is_append_only();
