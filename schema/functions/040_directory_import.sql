-- Adds or changes directory rows from a JSON object:
--   regions:    [{code, level, name, initials, valid_from, valid_to, boundary: [lat, lon, …]}]
--   categories: [{code, name, name_en, top_name, group_name, initials, aliases, settle_allowed, counted, check_waived, active,
--                 handle_limit_minutes, evidence_settle, evidence_feedback}]
--   organs:     [{code, name, kind, region_code, region_level, initials, active}]
--   days:       [{date, working, name}]
-- A region that is void stays void, and the border of a grid that has cases never moves (WG412): the past is not redrawn.
create or replace function directory_import(rows jsonb) returns integer
language plpgsql
as $$
declare
    changed integer := 0;
    n integer;
    bad text;
begin
    select string_agg(r.code::text, ', ') into bad
    from jsonb_to_recordset(rows -> 'regions') as x (code bigint, level smallint, valid_to date, boundary double precision[])
    join region r on r.code = x.code and r.level = x.level
    where (r.valid_to is not null and x.valid_to is distinct from r.valid_to)
        or (
            r.boundary is not null and x.boundary is distinct from r.boundary
            and exists (select from case_file c where c.grid_code = r.code)
        );
    if bad is not null then
        raise exception 'void regions and borders of grids with cases do not change: %', bad using errcode = 'WG412';
    end if;

    insert into region as t (code, level, name, initials, valid_from, valid_to, boundary)
    select code, level, name, initials, coalesce(valid_from, '1949-10-01'), valid_to, boundary
    from jsonb_to_recordset(rows -> 'regions') as x (
        code bigint, level smallint, name text, initials text, valid_from date, valid_to date, boundary double precision[]
    )
    on conflict (code, level) do update set
        name = excluded.name,
        initials = excluded.initials,
        valid_from = excluded.valid_from,
        valid_to = excluded.valid_to,
        boundary = excluded.boundary
    where (t.name, t.initials, t.valid_from, t.valid_to, t.boundary)
        is distinct from (excluded.name, excluded.initials, excluded.valid_from, excluded.valid_to, excluded.boundary);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into category as t (
        code, name, name_en, top_name, group_name, initials, aliases, settle_allowed, counted, check_waived, active, handle_limit_minutes,
        evidence_settle, evidence_feedback
    )
    select
        code, name, name_en, top_name, group_name, initials, aliases, settle_allowed, counted, check_waived, active, handle_limit_minutes,
        coalesce(evidence_settle, false), coalesce(evidence_feedback, false)
    from jsonb_to_recordset(rows -> 'categories') as x (
        code text, name text, name_en text, top_name text, group_name text, initials text, aliases text[], settle_allowed boolean,
        counted boolean, check_waived boolean, active boolean, handle_limit_minutes integer[], evidence_settle boolean,
        evidence_feedback boolean
    )
    on conflict (code) do update set
        name = excluded.name,
        name_en = excluded.name_en,
        top_name = excluded.top_name,
        group_name = excluded.group_name,
        initials = excluded.initials,
        aliases = excluded.aliases,
        settle_allowed = excluded.settle_allowed,
        counted = excluded.counted,
        check_waived = excluded.check_waived,
        active = excluded.active,
        handle_limit_minutes = excluded.handle_limit_minutes,
        evidence_settle = excluded.evidence_settle,
        evidence_feedback = excluded.evidence_feedback
    where (t.name, t.name_en, t.top_name, t.group_name, t.initials, t.aliases, t.settle_allowed, t.counted, t.check_waived, t.active,
            t.handle_limit_minutes, t.evidence_settle, t.evidence_feedback)
        is distinct from (excluded.name, excluded.name_en, excluded.top_name, excluded.group_name, excluded.initials, excluded.aliases,
            excluded.settle_allowed, excluded.counted, excluded.check_waived, excluded.active, excluded.handle_limit_minutes, excluded.evidence_settle,
            excluded.evidence_feedback);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into organ as t (code, name, kind, region_code, region_level, initials, active)
    select code, name, kind, region_code, region_level, initials, active
    from jsonb_to_recordset(rows -> 'organs') as x (
        code text, name text, kind smallint, region_code bigint, region_level smallint, initials text, active boolean
    )
    on conflict (code) do update set
        name = excluded.name,
        kind = excluded.kind,
        region_code = excluded.region_code,
        region_level = excluded.region_level,
        initials = excluded.initials,
        active = excluded.active
    where (t.name, t.kind, t.region_code, t.region_level, t.initials, t.active)
        is distinct from (excluded.name, excluded.kind, excluded.region_code, excluded.region_level, excluded.initials, excluded.active);
    get diagnostics n = row_count;
    changed := changed + n;

    insert into calendar_day as t (day, working, name)
    select date, working, name
    from jsonb_to_recordset(rows -> 'days') as x (date date, working boolean, name text)
    on conflict (region_code, day) do update set
        working = excluded.working,
        name = excluded.name
    where (t.working, t.name) is distinct from (excluded.working, excluded.name);
    get diagnostics n = row_count;
    changed := changed + n;

    if changed > 0 then
        perform pg_notify('directory_changed', '');
    end if;
    return changed;
end
$$;
comment on function directory_import is 'Adds or changes directory rows; all or nothing.';
