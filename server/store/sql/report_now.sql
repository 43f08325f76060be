-- The latest as-of instant that can't change any more: now, less the age of the oldest write still under way on any worker.
-- $1 now by the server's clock.
select report_settled($1::timestamptz) as as_of
