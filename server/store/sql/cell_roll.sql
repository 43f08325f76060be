-- Folds up to $1 events into the report cells. Returns how many were folded, or -1 while another worker is at it.
select cell_roll($1::integer) as folded
