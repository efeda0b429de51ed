create table t (id int primary key, b text);
insert into t values (1,'a');
