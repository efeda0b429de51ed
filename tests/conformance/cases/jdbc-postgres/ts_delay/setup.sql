create table t (id int primary key, ts timestamp not null default clock_timestamp());
insert into t values (1,'2020-01-01'),(2,clock_timestamp()-interval '1 hour'),(3,clock_timestamp()-interval '3 hours');
