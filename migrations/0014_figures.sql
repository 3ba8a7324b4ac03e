-- The tickets behind a figure of the report, newest first.
CREATE INDEX report_fact_opened ON report_fact (opened_at, number);
