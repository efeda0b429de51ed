update t set updated='2020-02-01' where id=1;
select pg_sleep(0.9);
update t set seen='2020-03-01 12:00+00' where id=2;
insert into t values (4,'2020-02-15',null,null);
