-- Purpose: the whole life of a case: requests that others decide, cards, the overall clock, what timers look for, dated links of
-- merged cases, evidence demanded by a category.
-- Locks: ACCESS EXCLUSIVE on category, case_file and case_event for an instant each (columns with constant defaults, a check that
-- is not validated); the indexes on case_file are built while writers wait. Backfill: open cases get what their bytes already say
-- (suspended_until, approvals) and a first light; a link for every case that is merged now. Rollback: drop case_link and the
-- columns of this file; the events that carry new actions stay.

alter table category
    add column evidence_settle boolean not null default false,
    add column evidence_feedback boolean not null default false;
comment on column category.evidence_settle is 'Settling on the spot needs an attachment.';
comment on column category.evidence_feedback is 'Feeding back needs an attachment.';

alter table case_file
    add column overall_due_at timestamptz,
    add column next_light_at timestamptz,
    add column co_lapse_at timestamptz,
    add column suspended_until timestamptz,
    add column card smallint not null default 0,
    add column approvals smallint not null default 0,
    add constraint case_file_card_check check (card between 0 and 3),
    add constraint case_file_approvals_check check (approvals between 0 and 4095);
comment on column case_file.overall_due_at is 'When the whole case is due; null without such a limit or while the clock waits.';
comment on column case_file.next_light_at is 'When a light of a running clock changes next; null if none will. Advanced by whoever acts on it.';
comment on column case_file.co_lapse_at is 'The earliest reply limit of a helping organ that owes an answer, while such a lapse can be noted.';
comment on column case_file.suspended_until is 'When a suspended case resumes by itself; null in other states.';
comment on column case_file.card is 'As wangge.v1.Card: the sternest of this round.';
comment on column case_file.approvals is 'Pending requests, three bits a kind of wangge.v1.ApprovalKind from EXTEND on: 0 none, 1 asked, 2 endorsed.';
comment on column case_file.void_requested_by is 'Who asked to void it, while undecided; also in gate_data.';
comment on column case_file.gate_data is 'Clock state, requests and counters only the gate reads (server/store/case_row.c).';

update case_file set
    suspended_until = case
        when state = 6 and gate_data is not null and get_byte(gate_data, 0) = 1 then
            timestamptz '1970-01-01 00:00:00+00'
            + (('x' || encode(substring(gate_data from 6 for 8), 'hex'))::bit(64)::bigint / 1000000) * interval '1 second'
    end,
    approvals = case when void_requested_by is null then 0 else 64 end,
    next_light_at = case when due_at > now() then due_at + interval '1 second' end
where state <= 9 and (state = 6 or void_requested_by is not null or due_at > now());

-- What timers look for.
create index case_file_suspended_idx on case_file (suspended_until) where state = 6;
create index case_file_closed_idx on case_file (closed_at) where state = 10;
create index case_file_co_lapse_idx on case_file (co_lapse_at) where co_lapse_at is not null;
create index case_file_light_idx on case_file (next_light_at) where next_light_at is not null;
-- What lists look for.
create index case_file_approvals_idx on case_file (grid_code) where approvals <> 0;
create index case_file_card_idx on case_file (grid_code, card) where card > 0 and state <= 9;

alter table case_event
    add column approval smallint not null default 0,
    add column card smallint not null default 0,
    add column level smallint not null default 0,
    add column until timestamptz,
    add column target_case_id uuid,
    add column outside_number text,
    add constraint case_event_approval_check check (approval between 0 and 4),
    add constraint case_event_card_check check (card between 0 and 3),
    add constraint case_event_outside_number_check check (char_length(outside_number) <= 64);
comment on column case_event.approval is 'As wangge.v1.ApprovalKind: the request it makes, endorses, declines or grants; 0 of other steps.';
comment on column case_event.card is 'As wangge.v1.Card: the card it gave.';
comment on column case_event.level is 'Level that holds the case after it; 0 where it was not recorded.';
comment on column case_event.until is 'The time it set: a due time, a resume date, a reply limit.';
comment on column case_event.target_case_id is 'The lead case of a merge or a split.';
comment on column case_event.outside_number is 'The number the case has where it was referred to.';

-- Declining a request is an action of its own now; voidings that were declined by RESTORE (29) on an open case stay as they were
-- recorded, which is why the list is not held against old rows.
alter table case_event drop constraint case_event_transition_check;
alter table case_event add constraint case_event_transition_check check (
    from_state * 10000 + action * 100 + to_state in (
        101, 210, 10210, 10313, 10402, 10603, 10712, 12701, 12813, 13014, 13401, 13601, 14001, 14301, 20501, 22702,
        22813, 23014, 23402, 23602, 24002, 24302, 30801, 30904, 32703, 32813, 33014, 33209, 33403, 33603, 34003, 34303,
        41004, 41105, 41203, 42704, 42813, 43014, 43404, 43604, 44004, 44204, 44304, 50801, 51005, 51203, 51304, 51405,
        51506, 51705, 51807, 52310, 52705, 52813, 53014, 53209, 53405, 53605, 53705, 53805, 53905, 54005, 54205, 54305,
        61605, 62310, 62706, 62813, 63406, 63606, 64006, 64306, 71908, 72105, 72210, 72310, 72707, 72813, 73407, 73607,
        74007, 74307, 82007, 82708, 82813, 83408, 83608, 84008, 84308, 92709, 92813, 93303, 93310, 93409, 93609, 94009,
        94309, 102410, 102503, 102611, 103510, 103610, 103910, 104010, 104110, 123612, 132901, 132902, 132903, 132904,
        132905, 132906, 132907, 132908, 132909, 133613, 143101, 143102, 143103, 143104, 143105, 143614
    )
) not valid;

create table case_link (
    case_id uuid not null,
    merged_version integer not null,
    lead_id uuid not null,
    merged_at timestamptz not null,
    merged_by uuid not null,
    split_version integer,
    split_at timestamptz,
    split_by uuid,
    constraint case_link_pkey primary key (case_id, merged_version),
    constraint case_link_self_check check (case_id <> lead_id),
    constraint case_link_split_check check (
        (split_version is null) = (split_at is null) and (split_at is null) = (split_by is null)
        and (split_version is null or split_version > merged_version)
    )
);
comment on table case_link is 'Which case was merged into which, from when to when. Rows are never deleted; a split closes one.';
comment on column case_link.case_id is 'The case that was merged.';
comment on column case_link.merged_version is 'Version of the case its merge made.';
comment on column case_link.lead_id is 'The case it was merged into.';
comment on column case_link.merged_at is 'When the merge happened.';
comment on column case_link.merged_by is 'Who merged it.';
comment on column case_link.split_version is 'Version of the case its split made; null while merged.';
comment on column case_link.split_at is 'When it was split off again; null while merged.';
comment on column case_link.split_by is 'Who split it off.';
create unique index case_link_open_idx on case_link (case_id) where split_version is null;
create index case_link_lead_idx on case_link (lead_id, merged_at);

insert into case_link (case_id, merged_version, lead_id, merged_at, merged_by)
select c.id, m.version, c.merged_into, m.happened_at, m.actor_id
from case_file c
cross join lateral (
    select e.version, e.happened_at, e.actor_id
    from case_event e
    where e.case_id = c.id and e.action = 30
    order by e.version desc
    limit 1
) m
where c.merged_into is not null;
