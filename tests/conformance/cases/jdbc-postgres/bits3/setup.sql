create table t (id int primary key, b2 bit(2), b3 bit(3) not null);
insert into t values (1,B'01',B'101'),(2,B'10',B'111'),(3,null,B'000');
