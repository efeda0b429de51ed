create table t (id int, ts timestamp, v text);
insert into t values (1,null,'n'),(2,'2020-01-01','x'),(null,'2020-01-02','y');
