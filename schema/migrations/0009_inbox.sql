-- Purpose: what people are told (notices, made in the background from the events and the clocks) and who works at what in the
-- background (leases of the server's timers, cases they were refused).
-- Locks: a short exclusive lock on account and on case_file each while their new index is made (case_file: only closed and
-- revisited cases are in it); none otherwise. Backfill: none: the notices begin with what happens from now on.
-- Rollback: drop the tables and the two indexes of this file; no other table depends on them.

create table notice (
    id bigint generated always as identity,
    kind smallint not null,
    case_id uuid not null,
    event_version integer not null,
    action smallint not null,
    actor_id uuid,
    actor_name text,
    actor_role smallint,
    actor_organ_id integer,
    through_id uuid,
    through_number bigint,
    at timestamptz not null,
    approval smallint not null,
    clock smallint not null,
    due_at timestamptz,
    account_id uuid,
    organ_id integer,
    region_code bigint,
    roles integer not null,
    constraint notice_pkey primary key (id),
    constraint notice_kind_check check (kind between 1 and 7),
    constraint notice_approval_check check (approval between 0 and 4),
    constraint notice_light_check check ((event_version = 0) = (clock > 0) and (clock > 0) = (due_at is not null)),
    constraint notice_action_check check ((action = 0) = (event_version = 0)),
    constraint notice_through_check check ((through_id is null) = (through_number is null)),
    constraint notice_audience_check check (num_nonnulls(account_id, organ_id, region_code) = 1),
    constraint notice_roles_check check (region_code is null or roles <> 0)
);
comment on table notice is 'What somebody is told: one row an audience, not one a person. Written below the lock of notice_position, so that ids become visible in their order.';
comment on column notice.id is 'Rises in the order in which notices become visible.';
comment on column notice.kind is 'As wangge.v1.NoticeKind.';
comment on column notice.case_id is 'The case it is about.';
comment on column notice.event_version is 'The event that made it; 0 of a light.';
comment on column notice.action is 'What happened, as wangge.v1.Action; 0 of a light.';
comment on column notice.actor_id is 'Who did it; null of a light, and of a lead case''s event.';
comment on column notice.actor_name is 'Display name at the time.';
comment on column notice.actor_role is 'As wangge.v1.Role.';
comment on column notice.actor_organ_id is 'The actor''s organ.';
comment on column notice.through_id is 'The lead case whose event it was, if that is another.';
comment on column notice.through_number is 'Its number: told to whoever may not see that case.';
comment on column notice.at is 'When the event arrived or the light changed.';
comment on column notice.approval is 'As wangge.v1.ApprovalKind; 0 if it is about none.';
comment on column notice.clock is 'Of a light: which clock, as enum clock_kind of server/domain/deadline.h; else 0.';
comment on column notice.due_at is 'Of a light: when that clock is due.';
comment on column notice.account_id is 'Audience: this account.';
comment on column notice.organ_id is 'Audience: the people of this organ.';
comment on column notice.region_code is 'Audience: the people whose own region is this one.';
comment on column notice.roles is 'Of an organ or a region: bit r set for those of role r; 0 for all.';

create index notice_account_idx on notice (account_id, id) where account_id is not null;
create index notice_organ_idx on notice (organ_id, id) where organ_id is not null;
create index notice_region_idx on notice (region_code, id) where region_code is not null;
-- A light is told once, even where two rows of the same case are looked at twice.
create unique index notice_light_key on notice (case_id, kind, clock, due_at) where event_version = 0;

create table notice_position (
    one boolean not null default true,
    feed_xid xid8 not null,
    seq bigint not null,
    constraint notice_position_pkey primary key (one),
    constraint notice_position_one_check check (one)
);
comment on table notice_position is 'How far the feed has been turned into notices; a single row, and the lock below which notices are written.';
comment on column notice_position.one is 'Always true.';
comment on column notice_position.feed_xid is 'Transaction of the last event looked at.';
comment on column notice_position.seq is 'Its position within that transaction.';

insert into notice_position (feed_xid, seq)
select pg_snapshot_xmin(pg_current_snapshot()), 0;

create table notice_mark (
    account_id uuid not null,
    up_to bigint not null,
    constraint notice_mark_pkey primary key (account_id),
    constraint notice_mark_account_fkey foreign key (account_id) references account (id) on delete cascade
);
comment on table notice_mark is 'Up to which notice an account has read everything.';
comment on column notice_mark.account_id is 'Who.';
comment on column notice_mark.up_to is 'Notices up to this id are read, exceptions aside.';

create table notice_exception (
    account_id uuid not null,
    notice_id bigint not null,
    read boolean not null,
    constraint notice_exception_pkey primary key (account_id, notice_id),
    constraint notice_exception_account_fkey foreign key (account_id) references account (id) on delete cascade
);
comment on table notice_exception is 'Notices an account read, or marked unread again, apart from its mark.';
comment on column notice_exception.account_id is 'Who.';
comment on column notice_exception.notice_id is 'Which notice.';
comment on column notice_exception.read is 'Whether it counts as read.';

create table timer_lease (
    job text not null,
    holder uuid not null,
    until timestamptz not null,
    constraint timer_lease_pkey primary key (job),
    constraint timer_lease_job_check check (job ~ '^[a-z_]{1,32}$')
);
comment on table timer_lease is 'Which worker does which background work now. It saves the others the trouble; that a step is taken once does not depend on it.';
comment on column timer_lease.job is 'The work.';
comment on column timer_lease.holder is 'A worker process, by an id it made when it started.';
comment on column timer_lease.until is 'By the database''s clock: from then on anybody may take it.';

create table timer_refusal (
    case_id uuid not null,
    action smallint not null,
    version integer not null,
    again_at timestamptz not null,
    constraint timer_refusal_pkey primary key (case_id, action)
);
comment on table timer_refusal is 'Due cases at which the gate refused the server''s own step: left alone until they change or some time has passed.';
comment on column timer_refusal.case_id is 'The case.';
comment on column timer_refusal.action is 'The step, as wangge.v1.Action.';
comment on column timer_refusal.version is 'The case''s version when it was refused.';
comment on column timer_refusal.again_at is 'When to try again although nothing changed.';

create index timer_refusal_again_idx on timer_refusal (again_at);

-- Whom a level's notices are for: the lowest region above the grid in which somebody holds the role.
create index account_region_role_idx on account (region_code, role);
-- Closed and revisited cases by their last step, for the archive (flag 128: revisited since the closing).
create index case_file_revisited_idx on case_file (last_event_at) where state = 10 and flags & 128 <> 0;
