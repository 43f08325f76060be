-- The change of measure m by one event, -1, 0 or 1: a stock measure counts as it is after less as it was before, an act counts once.
create or replace function measure_delta(stock_before integer, stock_after integer, flow integer, m integer) returns integer
language sql
immutable
parallel safe
as $$
    select ((stock_after >> m) & 1) - ((stock_before >> m) & 1) + ((flow >> m) & 1)
$$;
comment on function measure_delta is 'Change of measure m by one event.';

-- A region code cut to a level: 1 city (4 digits), 2 county (6), 3 township (9), 4 community (12), 5 grid (15).
create or replace function region_at_level(code bigint, level integer) returns bigint
language sql
immutable
parallel safe
as $$
    select case level
        when 5 then code
        when 4 then code / 1000 * 1000
        when 3 then code / 1000000 * 1000000
        when 2 then code / 1000000000 * 1000000000
        when 1 then code / 100000000000 * 100000000000
    end
$$;
comment on function region_at_level is 'A padded region code cut to a level.';

-- The business day of an instant: one zone for everybody (setting business.zone), fixed at +08:00 since 1991-09-15.
create or replace function business_day(t timestamptz) returns date
language sql
immutable
parallel safe
as $$
    select (t at time zone interval '8 hours')::date
$$;
comment on function business_day is 'Local day of an instant.';

create or replace function month_number(d date) returns integer
language sql
immutable
parallel safe
as $$
    select (extract(year from d)::integer * 12 + extract(month from d)::integer - 1)
$$;
comment on function month_number is 'year * 12 + month - 1.';

-- Under which keys an event changes the measures. A case that changes its category or organ leaves the old key with what it was
-- and enters the new one with what it is.
create or replace function event_keys(
    new_category smallint, old_category smallint, new_organ integer, old_organ integer, before integer, after integer, flow integer
) returns table (category_id smallint, organ_id integer, stock_before integer, stock_after integer, flow integer)
language sql
immutable
parallel safe
as $$
    select
        new_category, new_organ,
        case when new_category = old_category and new_organ is not distinct from old_organ then before else 0 end, after, flow
    union all
    select old_category, old_organ, before, 0, 0
    where (new_category <> old_category or new_organ is distinct from old_organ) and before <> 0
$$;
comment on function event_keys is 'The category and organ keys an event changes measures under.';

-- The change of a measure from 19 on by one event, as measure_delta; null bits are none.
create or replace function more_delta(more_before bigint, more_after bigint, more_flow bigint, m integer) returns integer
language sql
immutable
parallel safe
as $$
    select (((coalesce(more_after, 0) >> (m - 19)) & 1) - ((coalesce(more_before, 0) >> (m - 19)) & 1)
        + ((coalesce(more_flow, 0) >> (m - 19)) & 1))::integer
$$;
comment on function more_delta is 'Change of a measure from 19 on by one event.';

-- As event_keys, of the measures from 19 on.
create or replace function event_more_keys(
    new_category smallint, old_category smallint, new_organ integer, old_organ integer, before bigint, after bigint, flow bigint
) returns table (category_id smallint, organ_id integer, more_before bigint, more_after bigint, more_flow bigint)
language sql
immutable
parallel safe
as $$
    select
        new_category, new_organ,
        case when new_category = old_category and new_organ is not distinct from old_organ then before end, after, flow
    union all
    select old_category, old_organ, before, null, null
    where (new_category <> old_category or new_organ is distinct from old_organ) and before is not null
$$;
comment on function event_more_keys is 'The category and organ keys an event changes the measures from 19 on under.';
