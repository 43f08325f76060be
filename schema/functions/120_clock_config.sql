-- "08:00-12:00 14:00-18:00" of [{fromMinute, toMinute}].
create or replace function clock_shifts_text(shifts jsonb) returns text
language sql
immutable
as $$
    select coalesce(
        string_agg(
            to_char(make_interval(mins => (value ->> 'fromMinute')::integer), 'HH24:MI')
            || '-' || to_char(make_interval(mins => (value ->> 'toMinute')::integer), 'HH24:MI'),
            ' ' order by ordinality
        ),
        ''
    )
    from jsonb_array_elements(shifts) with ordinality
$$;
comment on function clock_shifts_text is 'Working intervals as the tables hold them.';

-- Adds or changes a calendar, given as wangge.v1.Calendar in proto3 JSON with all fields. Seasons, if any are
-- given, replace those before; days are added to or replace those before. Returns how many rows were new or changed.
create or replace function clock_set_calendar(given jsonb) returns integer
language plpgsql
as $$
declare
    of_region bigint := coalesce(nullif(rpad(given ->> 'regionCode', 15, '0'), repeat('0', 15))::bigint, 0);
    changed integer := 0;
    n integer;
    wanted jsonb;
begin
    -- One writer at a time: two changes of one calendar would mix their seasons.
    perform pg_advisory_xact_lock(hashtext('clock_set_calendar'));
    insert into calendar as t (region_code, code, name, utc_offset_minutes)
    values (of_region, given ->> 'code', given ->> 'name', (given ->> 'utcOffsetMinutes')::integer)
    on conflict (region_code) do update set
        code = excluded.code,
        name = excluded.name,
        utc_offset_minutes = excluded.utc_offset_minutes
    where (t.code, t.name, t.utc_offset_minutes) is distinct from (excluded.code, excluded.name, excluded.utc_offset_minutes);
    get diagnostics n = row_count;
    changed := changed + n;

    select
        jsonb_agg(
            jsonb_build_object(
                'seq', x.ordinality,
                'from_month_day', nullif(replace(x.value ->> 'from', '-', ''), '')::smallint,
                'to_month_day', nullif(replace(x.value ->> 'to', '-', ''), '')::smallint,
                'weekdays', (x.value ->> 'weekdays')::smallint,
                'shifts', clock_shifts_text(x.value -> 'shifts')
            ) order by x.ordinality
        )
    into wanted
    from jsonb_array_elements(given -> 'seasons') with ordinality as x;
    if wanted is not null and wanted is distinct from (
        select jsonb_agg(to_jsonb(s) - 'region_code' order by s.seq) from calendar_season s where s.region_code = of_region
    ) then
        delete from calendar_season where region_code = of_region;
        insert into calendar_season (region_code, seq, from_month_day, to_month_day, weekdays, shifts)
        select of_region, x.seq, x.from_month_day, x.to_month_day, x.weekdays, x.shifts
        from jsonb_to_recordset(wanted) as x (seq smallint, from_month_day smallint, to_month_day smallint, weekdays smallint, shifts text);
        get diagnostics n = row_count;
        changed := changed + n;
    end if;

    insert into calendar_day as t (region_code, day, working, name, shifts)
    select of_region, (x.value ->> 'date')::date, (x.value ->> 'working')::boolean, x.value ->> 'name', clock_shifts_text(x.value -> 'shifts')
    from jsonb_array_elements(given -> 'days') as x
    on conflict (region_code, day) do update set
        working = excluded.working,
        name = excluded.name,
        shifts = excluded.shifts
    where (t.working, t.name, t.shifts) is distinct from (excluded.working, excluded.name, excluded.shifts);
    get diagnostics n = row_count;
    changed := changed + n;

    if changed > 0 then
        perform pg_notify('directory_changed', '');
    end if;
    return changed;
end
$$;
comment on function clock_set_calendar is 'Adds or changes a calendar; all or nothing.';

-- Adds limits from an instant on: [{clock, category, urgency, region, unit, amount, from}]. The rule of the same kind before it ends there.
-- WG412: one of the same kind is valid from then or later already.
create or replace function clock_add_limits(given jsonb) returns integer
language plpgsql
as $$
declare
    added integer;
    late text;
begin
    perform pg_advisory_xact_lock(hashtext('clock_add_limits'));
    select string_agg(format('clock %s, category "%s", from %s', r.clock, r.category_prefix, r.valid_from), '; ') into late
    from jsonb_to_recordset(given) as x (clock smallint, category text, urgency smallint, region bigint, "from" timestamptz)
    join limit_rule r
        on r.clock = x.clock and r.category_prefix = x.category and r.urgency = x.urgency and r.region_code = x.region
            and r.valid_from >= x."from";
    if late is not null then
        raise exception 'there is a later or equal one already: %', late using errcode = 'WG412';
    end if;

    update limit_rule r set valid_to = x."from"
    from jsonb_to_recordset(given) as x (clock smallint, category text, urgency smallint, region bigint, "from" timestamptz)
    where r.clock = x.clock and r.category_prefix = x.category and r.urgency = x.urgency and r.region_code = x.region
        and (r.valid_to is null or r.valid_to > x."from");

    insert into limit_rule (clock, category_prefix, urgency, region_code, unit, amount, valid_from)
    select x.clock, x.category, x.urgency, x.region, x.unit, x.amount, x."from"
    from jsonb_to_recordset(given) as x (
        clock smallint, category text, urgency smallint, region bigint, unit smallint, amount integer, "from" timestamptz
    );
    get diagnostics added = row_count;
    perform pg_notify('directory_changed', '');
    return added;
end
$$;
comment on function clock_add_limits is 'Adds limits and ends those they follow; all or nothing.';
