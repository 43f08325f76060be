-- Purpose: calendars by region with seasons and part days, and limits as dated rules.
-- Locks: access exclusive on calendar_day (a few hundred rows) and case_event for an instant (the new check is not validated: it
-- only adds the steps of action 44, RECLOCK). Backfill: the default calendar, as the program had it
-- built in. Rollback: drop the new tables; calendar_day keeps its two columns, which older programs do not read, but rows of regions
-- must be deleted first (primary key).

create table calendar (
    region_code bigint not null,
    code text not null,
    name text not null,
    utc_offset_minutes integer,
    constraint calendar_pkey primary key (region_code),
    constraint calendar_code_key unique (code),
    constraint calendar_code_check check (code ~ '^[a-z0-9-]{1,32}$'),
    constraint calendar_name_check check (char_length(name) between 1 and 40),
    constraint calendar_offset_check check (utc_offset_minutes between -840 and 840)
);
comment on table calendar is 'Working calendars: one that holds everywhere, and those of regions that have their own.';
comment on column calendar.region_code is 'The subtree it holds for, padded to 15 digits; 0: everywhere.';
comment on column calendar.code is 'Short name for people and systems.';
comment on column calendar.name is 'Display name.';
comment on column calendar.utc_offset_minutes is 'Minutes east of UTC; null: as the region above.';

create table calendar_season (
    region_code bigint not null,
    seq smallint not null,
    from_month_day smallint,
    to_month_day smallint,
    weekdays smallint not null,
    shifts text not null,
    constraint calendar_season_pkey primary key (region_code, seq),
    constraint calendar_season_calendar_fkey foreign key (region_code) references calendar (region_code) on delete cascade,
    constraint calendar_season_span_check check ((from_month_day is null) = (to_month_day is null)),
    constraint calendar_season_weekdays_check check (weekdays between 0 and 127)
);
comment on table calendar_season is 'Weekly patterns of a calendar. None: those of the region above.';
comment on column calendar_season.region_code is 'The calendar.';
comment on column calendar_season.seq is 'Position, from 1.';
comment on column calendar_season.from_month_day is 'First day of every year it holds: month * 100 + day; null: the rest of the year.';
comment on column calendar_season.to_month_day is 'Last day.';
comment on column calendar_season.weekdays is 'Working days: bit 0 Monday to bit 6 Sunday.';
comment on column calendar_season.shifts is 'Working intervals of such a day: 08:00-12:00 14:00-18:00.';

insert into calendar (region_code, code, name, utc_offset_minutes) values (0, 'default', '默认日历', 480);
insert into calendar_season (region_code, seq, weekdays, shifts) values (0, 1, 31, '08:00-12:00 14:00-18:00');

alter table calendar_day add column region_code bigint not null default 0;
alter table calendar_day add column shifts text not null default '';
alter table calendar_day drop constraint calendar_day_pkey;
alter table calendar_day add constraint calendar_day_pkey primary key (region_code, day);
comment on column calendar_day.region_code is 'The calendar it belongs to; 0: the one that holds everywhere.';
comment on column calendar_day.shifts is 'Working intervals of a part day; empty: the usual ones of its season.';

create table limit_rule (
    id integer generated always as identity,
    clock smallint not null,
    category_prefix text not null,
    urgency smallint not null,
    region_code bigint not null,
    unit smallint not null,
    amount integer not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    constraint limit_rule_pkey primary key (id),
    constraint limit_rule_rule_key unique (clock, category_prefix, urgency, region_code, valid_from),
    constraint limit_rule_clock_check check (clock between 1 and 5),
    constraint limit_rule_category_check check (category_prefix ~ '^([A-Z]([0-9]{2}([0-9]{2})?)?)?$'),
    constraint limit_rule_urgency_check check (urgency between 0 and 3),
    constraint limit_rule_unit_check check (unit between 0 and 3),
    constraint limit_rule_amount_check check (amount > 0),
    constraint limit_rule_valid_check check (valid_to > valid_from)
);
comment on table limit_rule is 'How long a clock may run: rules from an instant on. Rows are only added and ended; a running clock keeps its limit.';
comment on column limit_rule.id is 'Clocks name the rule they were started with.';
comment on column limit_rule.clock is '1 accept, 2 dispatch, 3 handle, 4 check, 5 overall.';
comment on column limit_rule.category_prefix is 'Beginning of category codes; empty: all.';
comment on column limit_rule.urgency is 'As wangge.v1.Urgency; 0: any.';
comment on column limit_rule.region_code is 'Subtree, padded to 15 digits; 0: everywhere.';
comment on column limit_rule.unit is '0 working seconds, 1 urgent seconds, 2 working days, 3 calendar days.';
comment on column limit_rule.amount is 'In the unit.';
comment on column limit_rule.valid_from is 'For clocks that start then or later.';
comment on column limit_rule.valid_to is 'And before then; null: still.';

alter table case_event drop constraint case_event_transition_check;
alter table case_event add constraint case_event_transition_check check (
    from_state * 10000 + action * 100 + to_state in (
        101, 210, 10210, 10313, 10402, 10603, 10712, 12701, 12813, 13014, 13401, 13601, 14001, 14301, 14401, 20501,
        22702, 22813, 23014, 23402, 23602, 24002, 24302, 24402, 30801, 30904, 32703, 32813, 33014, 33209, 33403, 33603,
        34003, 34303, 34403, 41004, 41105, 41203, 42704, 42813, 43014, 43404, 43604, 44004, 44204, 44304, 44404, 50801,
        51005, 51203, 51304, 51405, 51506, 51705, 51807, 52310, 52705, 52813, 53014, 53209, 53405, 53605, 53705, 53805,
        53905, 54005, 54205, 54305, 54405, 61605, 62310, 62706, 62813, 63406, 63606, 64006, 64306, 64406, 71908, 72105,
        72210, 72310, 72707, 72813, 73407, 73607, 74007, 74307, 74407, 82007, 82708, 82813, 83408, 83608, 84008, 84308,
        84408, 92709, 92813, 93303, 93310, 93409, 93609, 94009, 94309, 94409, 102410, 102503, 102611, 103510, 103610,
        103910, 104010, 104110, 123612, 132901, 132902, 132903, 132904, 132905, 132906, 132907, 132908, 132909, 133613,
        143101, 143102, 143103, 143104, 143105, 143614
    )
) not valid;
