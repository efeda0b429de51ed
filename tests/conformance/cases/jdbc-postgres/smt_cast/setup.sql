create table t (id int primary key, a int not null, b varchar(10), ts timestamp not null, n numeric(6,2));
insert into t values (1,10,'x','2020-01-01 00:00:00.5',1.25),(2,20,null,'2020-01-02',null);
