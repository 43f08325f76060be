-- Purpose: cases, their events, and the numbers given to them.
-- Locks: none on existing data. Backfill: none. Rollback: drop the tables of this file.
--
-- The steps a case can take are checked by a list of from * 10000 + action * 100 + to (a test compares it with the program's state
-- table), and ids of the directory, whose rows are never deleted, by verify(). Foreign keys to those few hot rows cost a quarter
-- of an intake and made concurrent writers lock the same rows.

create table transition (
    from_state smallint not null,
    action smallint not null,
    to_state smallint not null,
    constraint transition_pkey primary key (from_state, action, to_state)
);
comment on table transition is 'Every step the state table allows, for people who query; filled by the program when it migrates.';
comment on column transition.from_state is 'As wangge.v1.CaseState; 0 before a case exists.';
comment on column transition.action is 'As wangge.v1.Action.';
comment on column transition.to_state is 'As wangge.v1.CaseState.';

create table case_number (
    county integer not null,
    day date not null,
    last integer not null,
    constraint case_number_pkey primary key (county, day),
    constraint case_number_last_check check (last between 0 and 999999)
);
comment on table case_number is 'Running numbers, given out in blocks; a block that is lost leaves a gap.';
comment on column case_number.county is 'Six-digit county.';
comment on column case_number.day is 'Local day of the report.';
comment on column case_number.last is 'Highest number given out.';

create table case_file (
    id uuid not null,
    number bigint not null,
    version integer not null,
    state smallint not null,
    prev_state smallint not null,
    grid_code bigint not null,
    category_id smallint not null,
    urgency smallint not null,
    channel smallint not null,
    level smallint not null,
    organ_id integer,
    co_organ_ids integer[],
    reporter_id uuid not null,
    handler_id uuid,
    checker_id uuid,
    closer_id uuid,
    void_requested_by uuid,
    merged_into uuid,
    flags integer not null,
    round smallint not null,
    return_count smallint not null,
    rework_count smallint not null,
    cohort_day date not null,
    reported_at timestamptz not null,
    arrived_at timestamptz not null,
    last_event_at timestamptz not null,
    due_at timestamptz,
    feedback_at timestamptz,
    closed_at timestamptz,
    gate_data bytea,
    latitude double precision,
    longitude double precision,
    reporter_name text not null,
    handler_name text,
    address text,
    description text not null,
    constraint case_file_pkey primary key (id),
    constraint case_file_number_key unique (number),
    constraint case_file_version_check check (version >= 1),
    constraint case_file_state_check check (state between 1 and 14),
    constraint case_file_handler_checker_check check (handler_id <> checker_id),
    constraint case_file_handler_closer_check check (handler_id <> closer_id),
    constraint case_file_checker_closer_check check (checker_id <> closer_id),
    constraint case_file_description_check check (char_length(description) between 1 and 2000),
    constraint case_file_address_check check (char_length(address) <= 200)
) with (fillfactor = 85);
comment on table case_file is 'Each case as it stands now; its events tell how it came to this.';
comment on column case_file.id is 'UUIDv7, made where the case was born.';
comment on column case_file.number is 'Human number: (county * 10^6 + yyMMdd) * 10^6 + running number.';
comment on column case_file.version is 'Number of its events.';
comment on column case_file.state is 'As wangge.v1.CaseState.';
comment on column case_file.prev_state is 'Where restore, split or resume lead back to; 0 if nowhere.';
comment on column case_file.grid_code is 'The grid it was born in, 15 digits.';
comment on column case_file.category_id is 'Its kind.';
comment on column case_file.urgency is 'As wangge.v1.Urgency.';
comment on column case_file.channel is 'As wangge.v1.Channel.';
comment on column case_file.level is 'Which level holds it: 1 community to 4 city.';
comment on column case_file.organ_id is 'Lead organ.';
comment on column case_file.co_organ_ids is 'Organs that help.';
comment on column case_file.reporter_id is 'Account, or an id derived from the source''s name for the person.';
comment on column case_file.handler_id is 'Who signed for it and fed back.';
comment on column case_file.checker_id is 'Who checked it.';
comment on column case_file.closer_id is 'Who closed it.';
comment on column case_file.void_requested_by is 'Who asked to void it, while undecided.';
comment on column case_file.merged_into is 'The lead case.';
comment on column case_file.flags is 'Bits named in server/domain/gate.h.';
comment on column case_file.round is '1, and one more with each reopening.';
comment on column case_file.return_count is 'How often the organ gave it back.';
comment on column case_file.rework_count is 'How often the check sent it back.';
comment on column case_file.cohort_day is 'Local day of the report: the cohort of every rate.';
comment on column case_file.reported_at is 'When it was reported where it was reported.';
comment on column case_file.arrived_at is 'When the server (of an imported case: the source system) learned of it.';
comment on column case_file.last_event_at is 'When its last event happened.';
comment on column case_file.due_at is 'When the present stage is due; null if no clock runs.';
comment on column case_file.feedback_at is 'When the organ last fed back.';
comment on column case_file.closed_at is 'When it was closed; null while open.';
comment on column case_file.gate_data is 'Clock state and counters only the gate reads (server/store/case_codec.c).';
comment on column case_file.latitude is 'Degrees north, WGS 84.';
comment on column case_file.longitude is 'Degrees east, WGS 84.';
comment on column case_file.reporter_name is 'Display name at the time.';
comment on column case_file.handler_name is 'Display name at the time.';
comment on column case_file.address is 'Where, in words.';
comment on column case_file.description is 'What happened.';

create index case_file_cohort_idx on case_file (cohort_day, grid_code);
create index case_file_grid_idx on case_file (grid_code, cohort_day);
create index case_file_open_idx on case_file (grid_code, state) where state <= 9;
create index case_file_organ_idx on case_file (organ_id, state) where state <= 9 and organ_id is not null;
create index case_file_merged_idx on case_file (merged_into) where merged_into is not null;

create table case_event (
    case_id uuid not null,
    version integer not null,
    seq bigint generated always as identity (cache 32),
    feed_xid xid8 not null default pg_current_xact_id(),
    request_id uuid not null,
    request_hash bigint not null,
    happened_at timestamptz not null,
    arrived_at timestamptz not null,
    grid_code bigint not null,
    cohort_day date not null,
    category_id smallint not null,
    prev_category_id smallint not null,
    organ_id integer,
    prev_organ_id integer,
    action smallint not null,
    from_state smallint not null,
    to_state smallint not null,
    check_result smallint not null,
    stock_before integer not null,
    stock_after integer not null,
    flow integer not null,
    actor_role smallint not null,
    imported boolean not null,
    actor_id uuid not null,
    actor_organ_id integer,
    actor_name text not null,
    text text,
    reason_code text,
    receiver text,
    constraint case_event_pkey primary key (case_id, version),
    constraint case_event_request_key unique (request_id),
    constraint case_event_transition_check check (
        from_state * 10000 + action * 100 + to_state in (
            101, 210, 10210, 10313, 10402, 10603, 10712, 12701, 12813, 12901, 13014, 13401, 13601, 20501,
            22702, 22813, 22902, 23014, 23402, 23602, 30801, 30904, 32703, 32813, 32903, 33014, 33209, 33403,
            33603, 41004, 41105, 41203, 42704, 42813, 42904, 43014, 43404, 43604, 50801, 51005, 51203, 51304,
            51506, 51705, 51807, 52310, 52705, 52813, 52905, 53014, 53209, 53405, 53605, 61605, 62310, 62706,
            62813, 62906, 63406, 63606, 71908, 72105, 72210, 72310, 72707, 72813, 72907, 73407, 73607, 82007,
            82708, 82813, 82908, 83408, 83608, 92709, 92813, 92909, 93303, 93310, 93409, 93609, 102410, 102503,
            102611, 103610, 123612, 132901, 132902, 132903, 132904, 132905, 132906, 132907, 132908, 132909,
            133613, 143101, 143102, 143103, 143104, 143105, 143614
        )
    ),
    constraint case_event_text_check check (char_length(text) <= 2000)
);
comment on table case_event is 'Every step of every case. Only ever inserted into; it is also the idempotency record and the change feed.';
comment on column case_event.case_id is 'The case.';
comment on column case_event.version is 'Position in the case, from 1; the version it made.';
comment on column case_event.seq is 'Position in the feed within one transaction id.';
comment on column case_event.feed_xid is 'The transaction that wrote it: the feed is ordered by (feed_xid, seq) below the snapshot horizon.';
comment on column case_event.request_id is 'Idempotency key of the request.';
comment on column case_event.request_hash is 'First 64 bits of the request''s BLAKE2b: the same key with another body is refused.';
comment on column case_event.happened_at is 'When it happened where it happened.';
comment on column case_event.arrived_at is 'When the server (imported: the source system) learned of it: the axis of every as-of.';
comment on column case_event.grid_code is 'Of the case.';
comment on column case_event.cohort_day is 'Of the case.';
comment on column case_event.category_id is 'Of the case after the event.';
comment on column case_event.prev_category_id is 'Of the case before the event.';
comment on column case_event.organ_id is 'Lead organ after the event.';
comment on column case_event.prev_organ_id is 'Lead organ before the event.';
comment on column case_event.action is 'As wangge.v1.Action.';
comment on column case_event.from_state is 'As wangge.v1.CaseState; 0 at birth.';
comment on column case_event.to_state is 'As wangge.v1.CaseState.';
comment on column case_event.check_result is 'As wangge.v1.CheckResult; 0 if none.';
comment on column case_event.stock_before is 'Bit m set: the case counted in stock measure m before the event.';
comment on column case_event.stock_after is 'Bit m set: it counts in stock measure m from the event on.';
comment on column case_event.flow is 'Bit m set: the event is one act of flow measure m.';
comment on column case_event.actor_role is 'As wangge.v1.Role.';
comment on column case_event.imported is 'It came by the history import.';
comment on column case_event.actor_id is 'Account, or an id derived from the source''s name for the person.';
comment on column case_event.actor_organ_id is 'The actor''s organ.';
comment on column case_event.actor_name is 'Display name at the time.';
comment on column case_event.text is 'What was written.';
comment on column case_event.reason_code is 'Reason code.';
comment on column case_event.receiver is 'Organ code or case number it went to.';

create index case_event_feed_idx on case_event (feed_xid, seq);
create index case_event_arrived_idx on case_event using brin (arrived_at) with (pages_per_range = 32);

create function case_event_is_append_only() returns trigger
language plpgsql
as $$
begin
    raise exception 'case events are never changed or deleted' using errcode = 'WG900';
end
$$;
comment on function case_event_is_append_only() is 'Refuses every change to what happened.';

create trigger case_event_append_only
before update or delete or truncate on case_event
for each statement execute function case_event_is_append_only();
