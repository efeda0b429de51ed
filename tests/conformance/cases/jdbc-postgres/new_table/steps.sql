create table a2 (id int primary key, v text); insert into a2 values (1,'x'); select pg_sleep(2.5); insert into a1 values (2); insert into a2 values (2,'y');
