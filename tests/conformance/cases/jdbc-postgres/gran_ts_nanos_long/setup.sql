create table t (id int primary key, ts timestamp not null, v text);
insert into t values (1,'2020-01-01 10:00:00.123456','a'),(2,'2020-01-01 10:00:00.123456','b'),(3,'2020-01-01 10:00:01','c'),(4,'2100-01-01','future'),(5,'1960-01-01','before 1970'),(6,'1970-01-01','epoch'),(7,'1970-01-01 00:00:00.000001','after epoch');
