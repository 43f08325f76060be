-- Purpose: what protects accounts: the person behind an officer's account, password rules and history, one-time passwords,
--   credentials of service accounts, sessions that can be named and ended.
-- Locks: account and session exclusively while their columns are added (session is rewritten; it is small). Two accounts of one
--   officer (the same login but for upper case) would fail account_officer_key: rename one before.
-- Backfill: passwords count as set when their account was made. Rollback: drop what is made here; nothing older reads it.

alter table account
    add column person_code text not null default '',
    add column source_code text not null default '',
    add column password_changed_at timestamptz not null default '2020-01-01',
    add column must_change boolean not null default false,
    add column last_login_at timestamptz,
    add column totp_sealed bytea,
    add column totp_begun bytea,
    add column totp_step bigint not null default 0,
    add constraint account_person_check check (char_length(person_code) <= 64),
    add constraint account_source_check check (source_code ~ '^[A-Za-z0-9_.-]{0,32}$' and (source_code = '' or role = 11)),
    add constraint account_totp_check check (totp_step >= 0);
update account set password_changed_at = created_at;
alter table account alter column password_changed_at drop default;
comment on column account.person_code is 'The person behind it (staff number), by which the three officers are kept apart; empty: the login.';
comment on column account.source_code is 'Of a service account: the source it speaks for.';
comment on column account.password_changed_at is 'When its password was set.';
comment on column account.must_change is 'A first password: nothing goes on until it is changed.';
comment on column account.last_login_at is 'Last good login.';
comment on column account.totp_sealed is 'Secret of one-time passwords in force, sealed with the data key.';
comment on column account.totp_begun is 'A secret that waits for its first code, sealed.';
comment on column account.totp_step is 'Last time step whose code was taken; none is taken twice.';

-- One person holds at most one of the three officers' roles (12 system, 13 security, 14 audit), whatever the accounts are called.
create unique index account_officer_key on account (lower(case when person_code = '' then login else person_code end))
    where role in (12, 13, 14) and not disabled;
comment on index account_officer_key is 'The three officers are disjoint: a person has one enabled officer''s account.';

create function account_keeps_security() returns trigger
language plpgsql
as $$
begin
    -- One at a time: two that go at once would each see the other stay.
    perform pg_advisory_xact_lock(87006);
    if not exists (select from account where role = 13 and not disabled) then
        raise exception 'the last security officer cannot go' using errcode = '23514', constraint = 'account_last_security_check';
    end if;
    return null;
end
$$;
comment on function account_keeps_security() is 'Refuses to disable, change or delete the last enabled security officer.';

create trigger account_last_security_update
after update of role, disabled on account
for each row when (old.role = 13 and not old.disabled and (new.role <> 13 or new.disabled))
execute function account_keeps_security();
create trigger account_last_security_delete
after delete on account
for each row when (old.role = 13 and not old.disabled)
execute function account_keeps_security();

create table password_policy (
    id boolean not null default true,
    min_length smallint not null default 12,
    min_classes smallint not null default 3,
    refuse_common boolean not null default true,
    max_age_days integer not null default 90,
    history smallint not null default 5,
    constraint password_policy_pkey primary key (id),
    constraint password_policy_id_check check (id),
    constraint password_policy_length_check check (min_length between 8 and 128),
    constraint password_policy_classes_check check (min_classes between 1 and 4),
    constraint password_policy_age_check check (max_age_days between 0 and 3650),
    constraint password_policy_history_check check (history between 0 and 24)
);
comment on table password_policy is 'The rules of new passwords; one row.';
comment on column password_policy.id is 'Always true.';
comment on column password_policy.min_length is 'Characters.';
comment on column password_policy.min_classes is 'How many of upper case, lower case, digit, other.';
comment on column password_policy.refuse_common is 'Refuse common passwords and ones that hold the login.';
comment on column password_policy.max_age_days is 'Days until it must be changed; 0: never. Not for service accounts.';
comment on column password_policy.history is 'How many of the last ones, the present one included, may not be chosen again.';
insert into password_policy default values;

create table password_history (
    id bigint generated always as identity,
    account_id uuid not null,
    password_hash text not null,
    replaced_at timestamptz not null,
    constraint password_history_pkey primary key (id),
    constraint password_history_account_fkey foreign key (account_id) references account (id)
);
comment on table password_history is 'Passwords that were replaced, as hashes; at most 24 an account.';
comment on column password_history.id is 'Order.';
comment on column password_history.account_id is 'Whose.';
comment on column password_history.password_hash is 'argon2id in the PHC string format.';
comment on column password_history.replaced_at is 'When another one took its place.';
create index password_history_account_idx on password_history (account_id, id desc);

create table account_credential (
    id uuid not null,
    account_id uuid not null,
    kind smallint not null,
    hash bytea not null,
    label text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    constraint account_credential_pkey primary key (id),
    constraint account_credential_hash_key unique (hash),
    constraint account_credential_account_fkey foreign key (account_id) references account (id),
    constraint account_credential_kind_check check (kind in (1, 2)),
    constraint account_credential_hash_check check (octet_length(hash) = 32),
    constraint account_credential_label_check check (char_length(label) between 1 and 80)
);
comment on table account_credential is 'What service accounts show instead of a password: tokens and client certificates.';
comment on column account_credential.id is 'UUIDv7, names it.';
comment on column account_credential.account_id is 'Whose.';
comment on column account_credential.kind is '1 token, 2 certificate.';
comment on column account_credential.hash is 'BLAKE2b-256 of the token, or SHA-256 of the certificate''s SubjectPublicKeyInfo.';
comment on column account_credential.label is 'What it is for.';
comment on column account_credential.created_at is 'When it was made.';
comment on column account_credential.expires_at is 'No longer taken from then on; null: as long as it stands here.';
comment on column account_credential.last_used_at is 'Last call, to the minute; null: never.';
create index account_credential_account_idx on account_credential (account_id);

alter table session
    add column id uuid not null default gen_random_uuid(),
    add column peer text not null default '',
    add constraint session_id_key unique (id);
comment on column session.id is 'Names the session, does not open it.';
comment on column session.peer is 'From where it was opened.';
