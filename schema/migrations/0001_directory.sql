-- Purpose: the city (regions, categories, organs, calendar) and those who work in it (accounts, sessions).
-- Locks: none on existing data. Backfill: none. Rollback: drop the database; nothing precedes this.

create table setting (
    name text not null,
    value text not null,
    constraint setting_pkey primary key (name)
);
comment on table setting is 'Facts about this installation that every worker must agree on.';
comment on column setting.name is 'Key, lower case with dots.';
comment on column setting.value is 'Value as text.';

create table region (
    code bigint not null,
    level smallint not null,
    name text not null,
    initials text not null default '',
    valid_from date not null default '1949-10-01',
    valid_to date,
    boundary double precision[],
    constraint region_pkey primary key (code, level),
    constraint region_code_check check (code between 100000000000000 and 999999999999999),
    constraint region_level_check check (level between 1 and 5),
    constraint region_name_check check (char_length(name) between 1 and 40),
    constraint region_valid_check check (valid_to is null or valid_to >= valid_from),
    constraint region_boundary_check check (boundary is null or (level = 5 and array_length(boundary, 1) between 6 and 400))
);
comment on table region is 'Administrative regions and grids; a code is kept for ever, also when void.';
comment on column region.code is 'Code padded with zeros to 15 digits: a subtree is an interval of integers (GB/T 2260, GB/T 10114).';
comment on column region.level is '1 city, 2 county, 3 township, 4 community, 5 grid.';
comment on column region.name is 'Chinese name, 1 to 40 characters.';
comment on column region.initials is 'Pinyin initials, upper case, for finding.';
comment on column region.valid_from is 'First day of validity.';
comment on column region.valid_to is 'Last day of validity; null while valid.';
comment on column region.boundary is 'Of a grid: latitude, longitude, latitude, longitude, … (WGS 84), not closed.';

create table category (
    id smallint generated always as identity,
    code text not null,
    name text not null,
    name_en text not null default '',
    top_name text not null default '',
    group_name text not null default '',
    initials text not null default '',
    aliases text[] not null default '{}',
    settle_allowed boolean not null default true,
    counted boolean not null default true,
    check_waived boolean not null default false,
    active boolean not null default true,
    handle_limit_minutes integer[] not null default '{2400,960,240}',
    constraint category_pkey primary key (id),
    constraint category_code_key unique (code),
    constraint category_code_check check (code ~ '^[A-Z][0-9]{4}$'),
    constraint category_name_check check (char_length(name) between 1 and 40),
    constraint category_limit_check check (array_length(handle_limit_minutes, 1) = 3 and 0 < all (handle_limit_minutes))
);
comment on table category is 'Kinds of incident.';
comment on column category.id is 'Short key for events and cells.';
comment on column category.code is 'Letter and four digits.';
comment on column category.name is 'Chinese name.';
comment on column category.name_en is 'English name.';
comment on column category.top_name is 'Name of the first level.';
comment on column category.group_name is 'Name of the second level.';
comment on column category.initials is 'Pinyin initials, upper case.';
comment on column category.aliases is 'Other words it is found by.';
comment on column category.settle_allowed is 'A worker may settle it on the spot.';
comment on column category.counted is 'False for work records, which never count as cases.';
comment on column category.check_waived is 'It may be closed without a field check.';
comment on column category.active is 'New cases may be of it.';
comment on column category.handle_limit_minutes is 'Handling limit in working minutes: normal, urgent, critical.';

create table organ (
    id integer generated always as identity,
    code text not null,
    name text not null,
    kind smallint not null,
    region_code bigint not null,
    region_level smallint not null,
    initials text not null default '',
    active boolean not null default true,
    constraint organ_pkey primary key (id),
    constraint organ_code_key unique (code),
    constraint organ_region_fkey foreign key (region_code, region_level) references region (code, level),
    constraint organ_code_check check (code ~ '^[A-Z0-9-]{1,32}$'),
    constraint organ_kind_check check (kind between 1 and 7)
);
comment on table organ is 'Units that handle cases.';
comment on column organ.id is 'Short key for cases, events and cells.';
comment on column organ.code is 'Code as people and systems write it.';
comment on column organ.name is 'Chinese name.';
comment on column organ.kind is '1 centre, 2 department, 3 police, 4 court, 5 justice, 6 community, 7 external.';
comment on column organ.region_code is 'The subtree it serves.';
comment on column organ.region_level is 'Level of that region.';
comment on column organ.initials is 'Pinyin initials, upper case.';
comment on column organ.active is 'It may receive cases.';

create table calendar_day (
    day date not null,
    working boolean not null,
    name text not null default '',
    constraint calendar_day_pkey primary key (day)
);
comment on table calendar_day is 'Days that differ from the weekly pattern (State Council notices).';
comment on column calendar_day.day is 'Local date.';
comment on column calendar_day.working is 'True: make-up working day. False: holiday.';
comment on column calendar_day.name is 'The festival.';

create table account (
    id uuid not null,
    login text not null,
    name text not null,
    role smallint not null,
    region_code bigint not null,
    region_level smallint not null,
    organ_id integer,
    password_hash text not null,
    failed_logins integer not null default 0,
    locked_until timestamptz,
    disabled boolean not null default false,
    created_at timestamptz not null,
    constraint account_pkey primary key (id),
    constraint account_login_key unique (login),
    constraint account_organ_fkey foreign key (organ_id) references organ (id),
    constraint account_login_check check (char_length(login) between 1 and 64),
    constraint account_name_check check (char_length(name) between 1 and 40),
    constraint account_role_check check (role between 1 and 14),
    constraint account_region_check check (region_level between 0 and 5),
    constraint account_failed_check check (failed_logins >= 0)
);
comment on table account is 'People and systems that may log in.';
comment on column account.id is 'UUIDv7.';
comment on column account.login is 'Login name.';
comment on column account.name is 'Display name.';
comment on column account.role is 'As wangge.v1.Role.';
comment on column account.region_code is 'The subtree it may see and act in, padded to 15 digits; 0 with level 0: everything.';
comment on column account.region_level is 'Level of that region, 0 to 5.';
comment on column account.organ_id is 'Its organ, if any.';
comment on column account.password_hash is 'argon2id in the PHC string format.';
comment on column account.failed_logins is 'Failures since the last success.';
comment on column account.locked_until is 'No login before then.';
comment on column account.disabled is 'It may no longer log in.';
comment on column account.created_at is 'When it was made.';

create table session (
    token_hash bytea not null,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_seen_at timestamptz not null,
    constraint session_pkey primary key (token_hash),
    constraint session_account_fkey foreign key (account_id) references account (id),
    constraint session_token_check check (octet_length(token_hash) = 32)
);
comment on table session is 'Open sessions. The token itself is never stored.';
comment on column session.token_hash is 'BLAKE2b-256 of the token.';
comment on column session.account_id is 'Whose session.';
comment on column session.created_at is 'Login.';
comment on column session.expires_at is 'Ends then, however busy.';
comment on column session.last_seen_at is 'Last call, to the minute.';
create index session_account_idx on session (account_id);
