-- password_policy_set
-- Changes the rules. $1 length, $2 classes, $3 refuse common ones, $4 days, $5 history.
update password_policy set min_length = $1::smallint, min_classes = $2::smallint, refuse_common = $3::boolean, max_age_days = $4::integer,
    history = $5::smallint
returning min_length
