create table t (v text, k int generated always as identity, s serial);
insert into t(v) values ('a'),('b');
