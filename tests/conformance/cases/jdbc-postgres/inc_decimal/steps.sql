insert into t values (10,'j');
select pg_sleep(0.9);
insert into t values (9223372036854775806,'max');
