insert into t values (3,30,'z','2020-01-03',3);
