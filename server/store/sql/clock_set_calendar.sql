-- $1 JSON, see schema/functions/120_clock_config.sql. Returns how many rows were new or changed.
select clock_set_calendar($1::jsonb) as changed
