-- Purpose: the people of cases, sealed by the server; the key is not in the database.
-- Locks: audit_row is locked for the moment its check is replaced (every row passes; it is read once). Backfill: none (no people
-- were kept before). Rollback: drop the tables of this file; what is in them cannot be had from elsewhere.

create table case_person (
    case_id uuid not null,
    position smallint not null,
    grid_code bigint not null,
    kind smallint not null,
    hidden boolean not null,
    name bytea,
    phone bytea,
    id_number bytea,
    address bytea,
    name_blind bigint,
    phone_blind bigint,
    id_blind bigint,
    constraint case_person_pkey primary key (case_id, position),
    constraint case_person_position_check check (position between 0 and 7),
    constraint case_person_kind_check check (kind between 1 and 3),
    constraint case_person_some_check check (coalesce(name, phone, id_number) is not null),
    constraint case_person_size_check check (
        octet_length(name) <= 205 and octet_length(phone) <= 65 and octet_length(id_number) <= 69 and octet_length(address) <= 845
    )
);
comment on table case_person is 'People in cases. What tells who they are is sealed by the server (server/secret); a dump shows nothing.';
comment on column case_person.case_id is 'The case.';
comment on column case_person.position is 'Place in its list, from 0.';
comment on column case_person.grid_code is 'Grid of the case, for the scope of reads.';
comment on column case_person.kind is 'As wangge.v1.PersonKind.';
comment on column case_person.hidden is 'Who told of a confidential case: not found by anybody but the reporter''s own account.';
comment on column case_person.name is 'Sealed name; bound to table, case, position and column, like the other three.';
comment on column case_person.phone is 'Sealed phone number.';
comment on column case_person.id_number is 'Sealed ID number.';
comment on column case_person.address is 'Sealed home address.';
comment on column case_person.name_blind is 'First 8 bytes of a keyed hash of the whole name, for exact finding.';
comment on column case_person.phone_blind is 'The same of the phone''s digits.';
comment on column case_person.id_blind is 'The same of the ID number.';
create index case_person_name_idx on case_person (name_blind) where name_blind is not null;
create index case_person_phone_idx on case_person (phone_blind) where phone_blind is not null;
create index case_person_id_idx on case_person (id_blind) where id_blind is not null;

create table people_change (
    request_id uuid not null,
    request_hash bigint not null,
    case_id uuid not null,
    account_id uuid not null,
    at timestamptz not null,
    constraint people_change_pkey primary key (request_id)
);
comment on table people_change is 'Each time the people of a case were replaced; the idempotency record of SetPeople. The audit has the same row in words.';
comment on column people_change.request_id is 'Idempotency key.';
comment on column people_change.request_hash is 'Keyed hash of the request: says nothing about the people in it.';
comment on column people_change.case_id is 'The case.';
comment on column people_change.account_id is 'Who replaced them.';
comment on column people_change.at is 'When.';

-- 6: personal data was entered or replaced.
alter table audit_row
    drop constraint audit_row_kind_check,
    add constraint audit_row_kind_check check (kind between 1 and 6);
