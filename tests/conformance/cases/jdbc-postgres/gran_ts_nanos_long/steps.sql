insert into t values (10,'2020-01-01 10:00:01','tie of the last'),(11,'2020-01-01 10:00:01.000001','a microsecond later');
select pg_sleep(0.9);
update t set ts='2020-02-01', v='moved' where id in (1,2);
select pg_sleep(0.9);
insert into t values (12,'2020-02-01','tie, late'),(13,'2020-01-15','older'),(14,'2020-02-01 00:00:00.000500','x');
