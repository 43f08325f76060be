-- How far a run is. $1 run, $2 done, $3 failed, $4 now if it went to its end, else null.
update bulk_run set
    done = $2::integer, failed = $3::integer, finished_at = coalesce($4::timestamptz, finished_at)
where id = $1::uuid and $2::integer + $3::integer >= done + failed
