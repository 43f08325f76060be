-- password_policy_get
-- The rules of new passwords.
select min_length, min_classes, refuse_common, max_age_days, history
from password_policy
