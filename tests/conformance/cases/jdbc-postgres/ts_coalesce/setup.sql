create table t (id int primary key, created timestamp not null, updated timestamp, seen timestamptz);
insert into t values (1,'2020-01-01',null,null),(2,'2020-01-02','2020-01-05',null),(3,'2020-01-03',null,'2020-01-04 00:00+02');
