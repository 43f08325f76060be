-- Purpose: the search index, and the rules that suggest who should get a case.
-- Locks: none on existing data. Backfill: none here; the server folds the feed into the index from its beginning.
-- Rollback: drop the tables of this file; nothing else refers to them.
--
-- The index is an inverted one. Cases are put into segments of at most 4,096 places, a segment holds cases of one month of
-- report, and for each term (a hash; server/domain/search_terms.h) and segment there is one row with the places where it occurs.
-- A search reads a term's rows from the newest month backwards and stops when its page is full, so a frequent word costs no more
-- than a rare one. A GIN index has no such order: it gives all places of a word at once, and those of a frequent word are many.
-- Nothing here is written by intake: the server folds the feed below the snapshot horizon, and a search reads what is not
-- folded yet directly.

create table search_position (
    one boolean not null default true,
    feed_xid xid8 not null,
    seq bigint not null,
    constraint search_position_pkey primary key (one),
    constraint search_position_one_check check (one)
);
comment on table search_position is 'How far the feed has been folded into the search index; a single row.';
comment on column search_position.one is 'Always true.';
comment on column search_position.feed_xid is 'Transaction of the last folded event.';
comment on column search_position.seq is 'Its position within that transaction.';

insert into search_position (feed_xid, seq)
values ('0', 0);

create table search_segment (
    segment integer not null,
    slots smallint not null,
    days bytea not null,
    constraint search_segment_pkey primary key (segment),
    constraint search_segment_slots_check check (slots between 1 and 4096),
    constraint search_segment_days_check check (octet_length(days) = slots)
);
comment on table search_segment is 'Segments of the search index.';
comment on column search_segment.segment is 'Month of report (year * 12 + month - 1) * 1024 + running number.';
comment on column search_segment.slots is 'Places in use.';
comment on column search_segment.days is 'For each place, the day of the month of its case: puts places in order without reading cases.';

create table search_slot (
    case_id uuid not null,
    segment integer not null,
    slot smallint not null,
    constraint search_slot_pkey primary key (case_id),
    constraint search_slot_place_key unique (segment, slot) include (case_id),
    constraint search_slot_slot_check check (slot between 0 and 4095)
);
comment on table search_slot is 'Where each folded case is in the search index.';
comment on column search_slot.case_id is 'The case.';
comment on column search_slot.segment is 'Its segment.';
comment on column search_slot.slot is 'Its place there.';

create table search_posting (
    term integer not null,
    segment integer not null,
    hits bytea not null,
    constraint search_posting_pkey primary key (term, segment),
    constraint search_posting_hits_check check (octet_length(hits) between 1 and 513)
) with (fillfactor = 85);
comment on table search_posting is 'At which places of a segment a term occurs.';
comment on column search_posting.term is 'Hash of two neighbouring characters, or of a key such as a category.';
comment on column search_posting.segment is 'The segment.';
comment on column search_posting.hits is 'The places, as server/domain/posting.h writes them.';

create table dispatch_rule (
    id uuid not null,
    category_prefix text not null,
    region_code bigint not null,
    weekdays smallint not null,
    from_minute smallint not null,
    to_minute smallint not null,
    organ_id integer not null,
    co_organ_ids integer[] not null,
    priority integer not null,
    note text not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint dispatch_rule_pkey primary key (id),
    constraint dispatch_rule_organ_fkey foreign key (organ_id) references organ (id),
    constraint dispatch_rule_category_check check (category_prefix ~ '^([A-Z][0-9]{0,4})?$'),
    constraint dispatch_rule_weekdays_check check (weekdays between 0 and 127),
    constraint dispatch_rule_minutes_check check (
        (from_minute = 0 and to_minute = 0) or (from_minute between 0 and 1439 and to_minute between from_minute + 1 and 1440)
    ),
    constraint dispatch_rule_note_check check (char_length(note) <= 200)
);
comment on table dispatch_rule is 'Which organ a case should be given to; the most specific rule that matches wins.';
comment on column dispatch_rule.id is 'UUIDv7 given by who made it.';
comment on column dispatch_rule.category_prefix is 'Beginning of a category code; empty: all.';
comment on column dispatch_rule.region_code is 'Subtree, padded to 15 digits; 0: everywhere.';
comment on column dispatch_rule.weekdays is 'Bit 0 Monday to bit 6 Sunday; 0: every day.';
comment on column dispatch_rule.from_minute is 'Minutes after local midnight.';
comment on column dispatch_rule.to_minute is 'Before this minute; both 0: the whole day.';
comment on column dispatch_rule.organ_id is 'Lead organ to suggest.';
comment on column dispatch_rule.co_organ_ids is 'Organs to help.';
comment on column dispatch_rule.priority is 'Breaks a tie; higher wins.';
comment on column dispatch_rule.note is 'Why.';
comment on column dispatch_rule.changed_at is 'When it was last changed.';
comment on column dispatch_rule.changed_by is 'By which account.';
