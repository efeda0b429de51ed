alter table t add c int default 5; insert into t values (2,'b',6);
select pg_sleep(0.9);
alter table t drop b; insert into t values (3,7);
select pg_sleep(0.9);
alter table t alter c type bigint; insert into t values (4, 8);
