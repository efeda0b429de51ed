insert into t values (3,null,'n2'),(4,'2020-01-03','z');
select pg_sleep(0.9);
update t set ts='2020-01-04' where id=1;
