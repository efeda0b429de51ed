create table t (id decimal(38,0) primary key, v text);
insert into t values (3,'c'),(1,'a'),(2,'b');
