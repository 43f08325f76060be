-- $1 JSON, see schema/functions/120_clock_config.sql. Returns how many were added.
select clock_add_limits($1::jsonb) as added
