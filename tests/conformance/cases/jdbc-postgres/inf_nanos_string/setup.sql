create table t (id int primary key, ts timestamp);
insert into t values (1,'infinity'),(2,'-infinity');
