-- Whether cases are merged into this one. $1 case. Index: case_file_merged_idx.
select exists (select from case_file where merged_into = $1::uuid) as has_merged
