insert into o values (4,1,'2020-01-04',7);
select pg_sleep(0.9);
update o set ts='2020-01-05', amount=11 where id=1;
