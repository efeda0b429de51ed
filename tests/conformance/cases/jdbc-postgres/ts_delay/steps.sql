insert into t(id) values (4); insert into t values (5,clock_timestamp()-interval '100 minutes'), (6, clock_timestamp()-interval '121 minutes');
