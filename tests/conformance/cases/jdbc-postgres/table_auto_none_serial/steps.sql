insert into t(v) values ('c');
